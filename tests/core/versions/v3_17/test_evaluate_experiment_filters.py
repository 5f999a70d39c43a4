"""Searches of experiments on servers that know less."""

from __future__ import annotations

from typing import Any

import pytest

SEARCH = "POST /api/2.0/mlflow/experiments/search"
LIST = "GET /api/2.0/mlflow/experiments/list"


def experiment(number: int, **tags: str) -> dict[str, Any]:
    listed = [{"key": key, "value": value} for key, value in tags.items()]
    return {"experiment_id": str(number), "name": f"e{number}", "tags": listed}


NINE, TEN = experiment(9, a="x"), experiment(10)


def _ask(talk: Any, body: Any, *answers: Any, server: str, client: str = "3.17.2") -> Any:
    return talk(SEARCH, body, client=client, server=server, answers=answers)


def test_servers_that_only_list_are_asked_to_list(talk):
    """Newest first; what the client asked for is done on our side."""
    played = _ask(talk, {"view_type": "ALL", "max_results": 1}, {"experiments": [NINE, TEN]}, server="1.20.2")
    assert played.sent == [(f"{LIST}?view_type=ALL", None)]
    assert played.body["experiments"] == [TEN]
    body = {"max_results": 1, "page_token": played.body["next_page_token"]}
    played = _ask(talk, body, {"experiments": [NINE, TEN]}, server="1.20.2")
    assert played.sent == [(f"{LIST}?view_type=ACTIVE_ONLY", None)]
    assert played.body == {"experiments": [NINE]}


def test_a_list_is_filtered_and_ordered(talk):
    """By ids as numbers."""
    played = _ask(talk, {"order_by": ["experiment_id ASC"]}, {"experiments": [TEN, NINE]}, server="1.20.2")
    assert played.body["experiments"] == [NINE, TEN]
    played = _ask(talk, {"filter": "tags.a = 'x'"}, {"experiments": [TEN, NINE]}, server="1.20.2")
    assert played.body["experiments"] == [NINE]


def test_what_nobody_understands_is_refused_where_no_server_can_say_so(talk):
    """As MLflow refuses it."""
    played = _ask(talk, {"filter": "size = 3"}, server="1.20.2")
    assert (played.status, played.body["error_code"], played.sent) == (400, "INVALID_PARAMETER_VALUE", [])


def test_what_the_server_does_not_know_is_evaluated(talk):
    """The rest goes to it."""
    body = {"filter": "experiment_id = '9' AND name LIKE 'e%'", "max_results": 5, "order_by": ["name"]}
    played = _ask(talk, body, {"experiments": [NINE, TEN]}, server="2.22.4")
    assert played.sent == [(SEARCH, {"filter": "name LIKE 'e%'", "max_results": 6, "order_by": ["name"]})]
    assert played.body == {"experiments": [NINE]}


def test_an_order_by_time_where_nobody_knows_it(talk):
    """Numbers rise with time."""
    played = _ask(talk, {"order_by": ["creation_time DESC"]}, {"experiments": [NINE, TEN]}, server="1.28.0")
    assert played.body["experiments"] == [TEN, NINE]


@pytest.mark.parametrize(
    ("server", "order"),
    [("1.28.0", ["experiment_id DESC"]), ("1.30.1", ["creation_time DESC", "experiment_id ASC"])],
)
def test_the_newest_come_first(talk, server, order):
    """Old servers have another order of their own; old clients keep it."""
    assert _ask(talk, {"max_results": 5}, {}, server=server).sent == [(SEARCH, {"max_results": 5, "order_by": order})]
    assert _ask(talk, {"max_results": 5}, server=server, client="1.29.0").untouched


def test_what_the_server_knows_passes(talk):
    """Bytes and all."""
    assert _ask(talk, {"filter": "name = 'x'", "max_results": 5}, server="2.22.4").untouched
    assert _ask(talk, {"filter": "nonsense", "max_results": 5}, server="2.22.4").untouched
