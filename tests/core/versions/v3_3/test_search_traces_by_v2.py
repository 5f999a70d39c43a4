"""Searching traces by location."""

from __future__ import annotations

from typing import Any

SEARCH = "POST /api/3.0/mlflow/traces/search"
FOUND = {"traces": [{"request_id": "a", "tags": []}], "next_page_token": "t"}


def location(experiment: Any) -> Any:
    return {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}


def test_locations_become_experiments(talk):
    """Filter, order and page go on as they are."""
    body = {"locations": [location("1"), location("7")], "filter": "status = 'OK'", "order_by": ["timestamp DESC"]}
    played = talk(SEARCH, {**body, "max_results": 5}, client="3.17.2", server="2.22.4", answers=(FOUND,))
    ((line, _),) = played.sent
    assert line == (
        "GET /api/2.0/mlflow/traces?experiment_ids=1&experiment_ids=7&filter=status+%3D+%27OK%27"
        "&order_by=timestamp+DESC&max_results=5"
    )
    assert (played.body["traces"][0]["trace_id"], played.body["next_page_token"]) == ("a", "t")


def test_a_refusal_of_the_server_is_the_answer(talk):
    """As it stands."""
    refused = (400, {"error_code": "INVALID_PARAMETER_VALUE"})
    body = {"locations": [location("1")], "page_token": "%"}
    assert talk(SEARCH, body, client="3.17.2", server="2.22.4", answers=(refused,)).status == 400
