"""Searching the traces of a run."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from proxy.core.endpoints import catalogue
from proxy.core.endpoints.spec import Match
from proxy.core.messages import Request
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, translate
from proxy.core.versions.change import Dialects


def matched(method: str, path: str) -> Match:
    """The operation of a request that the catalogue knows."""
    found = catalogue.match(method, path)
    assert found is not None
    return found


RUN = "f550ea004089471a9931833d97f39817"
LINKED = f"tags.`mlflow.tightrope.run.{RUN}` = '1'"


def search(answers: Any, *, emulated: Any = True, **changed: Any) -> Any:
    """The filters and tokens that the server was asked with, and the answer."""
    location = {"mlflow_experiment": {"experiment_id": "1"}}
    body = {"locations": [location], "filter": f"attribute.run_id = '{RUN}'", "max_results": 2, **changed}
    path = "/api/3.0/mlflow/traces/search"
    request = Request("POST", path, "", (), json.dumps(body).encode())
    translation = translate.plan(
        matched("POST", path), request, Dialects(Version(3, 17, 2), Version(2, 22, 4), emulated)
    )
    assert translation is not None
    steps, asked, given = translation.run(), [], iter(answers)
    try:
        wanted = next(steps)
        while True:
            fields = parse_qs(wanted.query)
            asked.append((fields["filter"][0], fields["max_results"][0], fields.get("page_token", [None])[0]))
            wanted = steps.send(next(given))
    except StopIteration as done:
        return asked, jsontext.read_answer(done.value)


def page(*ids: Any, token: Any = None) -> Any:
    content = {"traces": [{"request_id": each} for each in ids]}
    return jsontext.answer({**content, **({"next_page_token": token} if token else {})})


def ids(content: Any) -> Any:
    return [info["trace_id"] for info in content["traces"]]


def test_linked_traces_follow_those_made_in_the_run():
    """When the ordinary hits are at their end, the page is filled up."""
    asked, content = search([page("a"), page("b", token="t")])
    assert asked == [(f"attribute.run_id = '{RUN}'", "2", None), (LINKED, "1", None)]
    assert ids(content) == ["a", "b"]
    asked, content = search([page("c")], page_token=content["next_page_token"])
    assert (asked, ids(content)) == ([(LINKED, "2", "t")], ["c"])
    assert "next_page_token" not in content


def test_a_full_page_is_given_out_first():
    """With the server's token, or with one that leads to the linked traces."""
    asked, content = search([page("a", "b", token="t")])
    assert (len(asked), content["next_page_token"]) == (1, "t")
    asked, content = search([page("a", "b")])
    assert len(asked) == 1
    asked, content = search([page("c")], page_token=content["next_page_token"])
    assert (asked, ids(content)) == ([(LINKED, "2", None)], ["c"])


def test_the_servers_own_token_is_not_used_for_the_linked_traces():
    """They are counted anew."""
    asked, _ = search([page(), page("c")], page_token="t")
    assert asked == [(f"attribute.run_id = '{RUN}'", "2", "t"), (LINKED, "2", None)]


def test_other_clauses_hold_for_both():
    """Only the one about the run is replaced."""
    asked, _ = search([page(), page()], filter=f"status = 'OK' AND run_id = '{RUN}'")
    assert asked[1][0] == f"status = 'OK' AND {LINKED}"


@pytest.mark.parametrize("text", ["status = 'OK'", "run_id != 'x'", "run_id = ("])
def test_other_searches_are_made_once(text):
    """So are all where nothing was emulated."""
    assert len(search([page("a")], filter=text)[0]) == 1
    assert len(search([page("a")], emulated=False)[0]) == 1


def test_refusals_are_answers():
    """Of either search."""
    refused = jsontext.answer({"error_code": "INVALID_PARAMETER_VALUE"}, status=400)
    assert search([refused])[1] == {"error_code": "INVALID_PARAMETER_VALUE"}
    assert search([page(), refused])[1] == {"error_code": "INVALID_PARAMETER_VALUE"}
