"""Linking traces to a run."""

from __future__ import annotations

from typing import Any

LINK = "POST /api/2.0/mlflow/traces/link-to-run"
RUN = "f550ea004089471a9931833d97f39817"
PLAIN = {"client": "3.17.2", "server": "2.22.4"}


def info(run: Any = None) -> Any:
    metadata = [{"key": "mlflow.sourceRun", "value": run}] if run else []
    times = {"timestamp_ms": 100, "execution_time_ms": 7, "status": "ERROR"}
    return {"trace_info": {"request_id": "t", **times, "request_metadata": metadata, "tags": []}}


def test_a_trace_without_a_run_gets_it(talk):
    """By ending it again as it ended."""
    played = talk(LINK, {"trace_ids": ["t"], "run_id": RUN}, **PLAIN, answers=(info(), {}))
    line, body = played.sent[1]
    assert line == "PATCH /api/2.0/mlflow/traces/t"
    assert (body["timestamp_ms"], body["status"]) == (107, "ERROR")
    assert body["request_metadata"] == [{"key": "mlflow.sourceRun", "value": RUN}]
    assert played.body == {}


def test_a_trace_of_another_run_keeps_that(talk):
    """The second link stands in a hidden tag."""
    played = talk(LINK, {"trace_ids": ["t"], "run_id": RUN}, **PLAIN, answers=(info("other"), {}))
    tag = {"key": f"mlflow.tightrope.run.{RUN}", "value": "1"}
    assert played.sent[1] == ("PATCH /api/2.0/mlflow/traces/t/tags", tag)


def test_a_trace_of_this_run_needs_nothing(talk):
    """And the next one is looked at."""
    played = talk(LINK, {"trace_ids": ["t", "u"], "run_id": RUN}, **PLAIN, answers=(info(RUN), info(RUN)))
    assert [line for line, _ in played.sent] == [f"GET /api/2.0/mlflow/traces/{each}/info" for each in "tu"]


def test_the_first_failure_is_the_answer(talk):
    """A trace that is not there, or a write that failed."""
    body = {"trace_ids": ["t", "u"], "run_id": RUN}
    assert talk(LINK, body, **PLAIN, answers=((404, {}),)).status == 404
    assert talk(LINK, body, **PLAIN, answers=(info(), (503, {}))).status == 503
