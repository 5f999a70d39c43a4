"""Searches of runs on servers that know less."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.mlflow_version import Version
from proxy.core.versions.search_kinds import Subject
from proxy.core.versions.v3_14.evaluate_run_filters import KIND

SEARCH = "POST /api/2.0/mlflow/runs/search"


def run(name: str, **more: Any) -> dict[str, Any]:
    return {
        "info": {"run_id": name, "start_time": "5"},
        "data": {"tags": [{"key": "mlflow.runName", "value": name}]},
        **more,
    }


A, B = run("a"), run("b", inputs={"dataset_inputs": [{"dataset": {"name": "d", "digest": "1"}, "tags": []}]})


def _ask(talk: Any, body: Any, *answers: Any, server: str = "1.30.1", client: str = "3.17.2") -> Any:
    return talk(SEARCH, body, client=client, server=server, answers=answers)


def test_what_the_server_does_not_know_is_evaluated(talk):
    """On the runs as the client sees them, datasets and names included."""
    text = "datasets.name = 'd' AND attributes.status = 'RUNNING'"
    played = _ask(talk, {"filter": text, "max_results": 2}, {"runs": [A, B]})
    assert played.sent == [(SEARCH, {"filter": "attributes.status = 'RUNNING'", "max_results": 3})]
    assert played.body == {"runs": [B]}
    assert played.changes == ["evaluate_run_filters"]


def test_names_are_searched_for_where_runs_have_none(talk):
    """Before 1.30 a name was a tag, and a tag is what the server can search for and order by."""
    body = {"filter": "run_name LIKE 'b%' AND metrics.m > 1", "order_by": ["`Run Name` DESC", "metrics.m"]}
    played = _ask(talk, body, {"runs": [B]}, server="1.28.0")
    sent = {
        "filter": "tags.`mlflow.runName` LIKE 'b%' AND metrics.m > 1",
        "order_by": ["tags.`mlflow.runName` DESC", "metrics.m"],
    }
    assert played.sent == [(SEARCH, sent)]
    assert [each["info"]["run_id"] for each in played.body["runs"]] == ["b"]


def test_an_order_that_the_server_does_not_know(talk):
    """Everything is fetched and ordered; the filter goes along."""
    body = {"filter": "metrics.m > 1", "order_by": ["attributes.run_id DESC"], "max_results": 1}
    played = _ask(talk, body, {"runs": [A, B]}, server="1.28.0")
    assert played.sent == [(SEARCH, {"filter": "metrics.m > 1", "max_results": 5000})]
    assert [each["info"]["run_id"] for each in played.body["runs"]] == ["b"]
    assert played.body["next_page_token"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"filter": "attributes.`Run Name` = 'a'"}, {"filter": "attributes.run_name = 'a'"}),
        ({"order_by": ["Created DESC", "metrics.m"]}, {"order_by": ["attributes.start_time DESC", "metrics.m"]}),
    ],
)
def test_names_as_the_ui_writes_them_become_proper(talk, given, sent):
    """Servers before 2.5 do not know all of them."""
    assert _ask(talk, given, {"runs": []}).sent == [(SEARCH, sent)]


@pytest.mark.parametrize(
    ("body", "server"),
    [
        ({"filter": "metrics.a > 1"}, "1.30.1"),
        ({"filter": "nonsense"}, "1.30.1"),
        ({"filter": "run_id IN ('a')"}, "2.5.0"),
        ({"filter": "tags.a IS NULL"}, "3.14.0"),
        ({"filter": "tags.a IS NULL", "max_results": 0}, "2.22.4"),
    ],
)
def test_what_the_server_knows_or_nobody_knows_passes(talk, body, server):
    """And so does what is wrong in another way."""
    assert _ask(talk, body, server=server).untouched


@pytest.mark.parametrize(
    ("kind", "key", "expected"),
    [
        ("metric", "m", [1.5]),
        ("metric", "n", []),
        ("param", "p", ["x"]),
        ("tag", "t", ["y"]),
        ("attribute", "status", ["RUNNING"]),
        ("attribute", "start_time", [5]),
        ("attribute", "end_time", []),
        ("attribute", "run_id", ["r"]),
        ("attribute", "run_name", ["named"]),
        ("dataset", "context", ["train"]),
        ("dataset", "digest", ["1"]),
    ],
)
def test_every_part_of_a_run_is_found(kind, key, expected):
    """Where servers of all versions put it."""
    given = {
        "info": {"run_uuid": "r", "status": "RUNNING", "start_time": "5", "run_name": "named"},
        "data": {
            "metrics": [{"key": "m", "value": 1.5}],
            "params": [{"key": "p", "value": "x"}],
            "tags": [{"key": "t", "value": "y"}],
        },
        "inputs": {
            "dataset_inputs": [{"dataset": {"digest": "1"}, "tags": [{"key": "mlflow.data.context", "value": "train"}]}]
        },
    }
    assert list(KIND.read(given, Subject(kind, key))) == expected
    assert list(KIND.read({}, Subject(kind, key))) == []


def test_long_values_are_compared_on_our_side():
    """A server that cannot hold them cannot find them."""
    text = f"params.p = '{'x' * 300}'"
    natives = [
        [test.native for test in KIND.tests(text, version) or ()] for version in (Version(1, 30, 1), Version(2, 22))
    ]
    assert natives == [[False], [True]]


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ({"filter": "dataset.name = 'd' AND tags.a = 'b'"}, {"filter": "tags.a = 'b'"}),
        ({"filter": "datasets.name = 'd'", "order_by": ["params.p"]}, {"order_by": ["params.p"]}),
    ],
)
def test_datasets_are_not_joined_with_other_things(talk, body, sent):
    """Servers up to 3.9 answer 500 or nonsense to both together; they are asked for the other things alone."""
    for server in ("2.5.0", "2.22.4", "3.3.2"):
        played = _ask(talk, {**body, "max_results": 2}, {"runs": [A, B]}, server=server)
        assert played.sent == [(SEARCH, {**sent, "max_results": 3})]
        assert played.body == {"runs": [B]}
    assert _ask(talk, body, server="3.10.1").untouched


def test_datasets_with_attributes_are_left_to_the_server(talk):
    """It does that well."""
    body = {"filter": "dataset.name = 'd' AND status = 'RUNNING'", "order_by": ["start_time DESC"]}
    assert _ask(talk, body, server="2.22.4").untouched
