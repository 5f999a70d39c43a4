"""Searching traces by what the server cannot compare."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from proxy.core.versions.v3_6 import evaluate_trace_filters

SEARCH = "POST /api/3.0/mlflow/traces/search"


def location(experiment: Any) -> Any:
    return {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}


def token(offset: Any) -> Any:
    return base64.b64encode(json.dumps({"offset": offset}).encode()).decode()


def traces(*names: Any, more: Any = None) -> Any:
    found = [{"request_id": name, "tags": [{"key": "mlflow.traceName", "value": name}]} for name in names]
    return {"traces": found, **({"next_page_token": more} if more else {})}


def ids(played: Any) -> Any:
    return [info["trace_id"] for info in played.body["traces"]]


def test_clauses_that_the_server_lacks_are_judged_here(talk):
    """The server is asked for whole pages, and the answer's token says where the search stopped."""
    body = {"locations": [location("1")], "filter": "name LIKE 'a%'", "max_results": 2}
    answers = (traces("a1", "b", more="x"), traces("b", "a2", "a3"))
    played = talk(SEARCH, body, client="3.17.2", server="2.22.4", answers=answers)
    assert ids(played) == ["a1", "a2"]
    assert played.body["next_page_token"] == token(4)
    assert "max_results=500" in played.sent[0][0]
    assert "filter" not in played.sent[0][0]
    assert f"page_token={token(2)}".replace("=", "%3D").removeprefix("page_token%3D") in played.sent[1][0]
    last = talk(SEARCH, {**body, "page_token": token(4)}, client="3.17.2", server="2.22.4", answers=(traces("a3"),))
    assert (ids(last), "next_page_token" in last.body) == (["a3"], False)


def test_the_last_hit_of_the_last_page_has_no_token(talk):
    """Nobody is sent for an empty page."""
    body = {"locations": [location("1")], "filter": "name LIKE 'a%'", "max_results": 1}
    played = talk(SEARCH, body, client="3.17.2", server="2.22.4", answers=(traces("a"),))
    assert (ids(played), "next_page_token" in played.body) == (["a"], False)


def test_a_long_search_without_hits_is_interrupted(talk, monkeypatch):
    """The client gets a token and asks on, so no request takes for ever."""
    monkeypatch.setattr(evaluate_trace_filters, "_MOST_PAGES", 2)
    body = {"locations": [location("1")], "filter": "name LIKE 'a%'"}
    played = talk(
        SEARCH, body, client="3.17.2", server="2.22.4", answers=(traces("b", more="x"), traces("b", more="x"))
    )
    assert (ids(played), played.body["next_page_token"]) == ([], token(2))


@pytest.mark.parametrize("change", [{"filter": "span.name = 'x'"}, {"order_by": ["end_time DESC"]}])
def test_what_cannot_be_searched_for_is_refused(talk, change):
    """With 400 and without asking."""
    played = talk(SEARCH, {"locations": [location("1")], **change}, client="3.17.2", server="2.22.4")
    assert (played.status, played.body["error_code"], played.sent) == (400, "INVALID_PARAMETER_VALUE", [])


@pytest.mark.parametrize("filter_text", ["", "name LIKE 'a%'"])
def test_a_refusal_of_the_server_is_the_answer(talk, filter_text):
    """In one piece or page by page."""
    refused = (400, {"error_code": "INVALID_PARAMETER_VALUE"})
    body = {"locations": [location("1")], "filter": filter_text, "page_token": "%"}
    assert talk(SEARCH, body, client="3.17.2", server="2.22.4", answers=(refused,)).status == 400


def test_a_server_of_the_newer_api(talk):
    """3.3 to 3.5 keep infos as clients see them, and are asked in their own API."""
    info = {"trace_id": "tr-1", "assessments": [{"assessment_name": "good", "feedback": {"value": "yes"}}]}
    body = {"locations": [location("1")], "filter": "status = 'OK' AND feedback.good = 'yes'"}
    answer = {"traces": [info, {"trace_id": "tr-2"}]}
    played = talk(SEARCH, body, client="3.17.2", server="3.3.2", answers=(answer,))
    ((line, asked),) = played.sent
    assert (line, asked["filter"], asked["max_results"]) == (SEARCH, "status = 'OK'", 500)
    assert (ids(played), played.changes) == (["tr-1"], ["evaluate_trace_filters"])


def test_what_a_server_knows_goes_as_it_is(talk):
    """Names of spans since 3.4, everything since 3.6."""
    for text, server in (("tag.a = 'b'", "3.3.2"), ("span.name LIKE 'a%'", "3.4.0"), ("tag.a LIKE 'b'", "3.6.0")):
        assert talk(SEARCH, {"locations": [location("1")], "filter": text}, client="3.17.2", server=server).untouched
    refused = talk(SEARCH, {"locations": [], "filter": "span.name = 'a'"}, client="3.17.2", server="3.3.2")
    assert (refused.status, "upgrade the server to 3.6" in refused.body["message"]) == (400, True)


def test_sizes_that_no_server_gives(talk):
    """The server says what is wrong."""
    body = {"locations": [location("1")], "filter": "tag.a LIKE 'b'", "max_results": 100000}
    refused = (400, {"error_code": "INVALID_PARAMETER_VALUE"})
    assert talk(SEARCH, body, client="3.17.2", server="3.3.2", answers=(refused,)).status == 400
