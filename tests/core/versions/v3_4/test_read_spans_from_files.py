"""Whole traces, spans included."""

from __future__ import annotations

from typing import Any

from tests.golden import recorded

TRACE = "tr-031682e8febc2988a983665233a16d29"
FILE = f"GET /api/2.0/mlflow-artifacts/artifacts/1/traces/{TRACE}/artifacts/traces.json"
WHOLE = recorded("traces/whole_3_17.json")["trace"]
MANY = "GET /api/3.0/mlflow/traces/batchGet?trace_ids=" + TRACE


def info() -> Any:
    return {"trace": {"trace_info": WHOLE["trace_info"]}}


def test_info_and_file_make_a_whole_trace(talk):
    """Exactly what a newer server answered for it."""
    played = talk(MANY, client="3.17.2", server="3.3.2", answers=(info(), recorded("traces/file_3_17.json")))
    assert [line for line, _ in played.sent] == [f"GET /api/3.0/mlflow/traces/{TRACE}", FILE]
    assert played.body == {"traces": [WHOLE]}


def test_missing_traces_are_left_out(talk):
    """As on newer servers."""
    absent = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
    assert talk(MANY, client="3.17.2", server="3.3.2", answers=(absent,)).body == {"traces": []}


def test_a_trace_without_a_file_has_no_spans(talk):
    """The file may be missing, or lie outside the server."""
    played = talk(MANY, client="3.17.2", server="3.3.2", answers=(info(), (404, {})))
    assert played.body["traces"][0]["spans"] == []
    outside = {"trace": {"trace_info": {"trace_id": TRACE, "tags": {"mlflow.artifactLocation": "s3://b"}}}}
    assert talk(MANY, client="3.17.2", server="3.3.2", answers=(outside,)).body["traces"][0]["spans"] == []


def test_a_failure_is_the_answer(talk):
    """Nothing is made up."""
    assert talk(MANY, client="3.17.2", server="3.3.2", answers=((503, {}),)).status == 503
