"""Reading traces under API 3.0."""

from __future__ import annotations

from tests.golden import recorded


def test_an_info_is_read_in_the_older_form(talk):
    """And shown in the newer one."""
    info = recorded("traces/info_2_22.json")
    played = talk(
        f"GET /api/3.0/mlflow/traces/{info['request_id']}",
        client="3.10.1",
        server="2.22.4",
        answers=({"trace_info": info},),
    )
    assert played.sent == [(f"GET /api/2.0/mlflow/traces/{info['request_id']}/info", None)]
    assert played.body["trace"]["trace_info"]["trace_id"] == info["request_id"]
    assert played.body["trace"]["trace_info"]["state"] == "OK"


def test_a_missing_trace_stays_missing(talk):
    """With the server's own words."""
    absent = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"})
    played = talk("GET /api/3.0/mlflow/traces/tr-1", client="3.10.1", server="2.22.4", answers=(absent,))
    assert (played.status, played.body["message"]) == (404, "no")


def test_a_server_that_has_the_newer_api_is_asked_by_it(talk):
    """From 3.3 on nothing is translated."""
    assert talk("GET /api/3.0/mlflow/traces/tr-1", client="3.17.2", server="3.3.2").untouched
