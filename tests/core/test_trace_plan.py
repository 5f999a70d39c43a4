"""What a trace lacks on the other side."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core import trace_plan
from proxy.core.versions.change import Call
from tests.golden import recorded

TRACE = "tr-031682e8febc2988a983665233a16d29"


def info(**changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = recorded("traces/whole_3_17.json")["trace"]["trace_info"]
    return {**found, "assessments": recorded("traces/assessments_3_17.json"), **changed}


def calls(here: dict[str, Any], there: dict[str, Any]) -> list[Call]:
    return list(trace_plan.changes(here, there))


def test_a_trace_is_made_without_what_servers_set_themselves():
    """Where its files and spans lie is the other server's business, and assessments follow one by one."""
    made = trace_plan.create(info()).arguments["trace"]["trace_info"]
    assert made["tags"] == {"mlflow.traceName": "outer"}
    assert (made["trace_id"], "assessments" in made) == (TRACE, False)


def test_equal_traces_need_nothing():
    """Not even when each server keeps its files elsewhere, or writes times with other decimals."""
    there = info(request_time="2026-11-24T20:45:20.564000Z", tags={"mlflow.traceName": "outer"})
    assert calls(info(), there) == []


def test_a_trace_that_has_ended_since_is_ended():
    """With the metadata that came with its end."""
    there = info(state="IN_PROGRESS", trace_metadata={})
    del there["execution_duration"]
    (call,) = calls(info(), there)
    assert (call.operation, call.arguments["status"]) == ("EndTrace", "OK")
    assert call.arguments["timestamp_ms"] == 1795553120575
    assert {"key": "mlflow.user", "value": "root"} in call.arguments["request_metadata"]


def test_tags_are_set_and_deleted():
    """What differs, what is missing and what is too much."""
    there = info(tags={"mlflow.traceName": "inner", "old": "x", "mlflow.artifactLocation": "elsewhere"})
    assert calls(info(), there) == [
        Call("SetTraceTag", {"request_id": TRACE, "key": "mlflow.traceName", "value": "outer"}),
        Call("DeleteTraceTag", {"request_id": TRACE, "key": "old"}),
    ]


def test_assessments_are_made_in_the_order_in_which_they_came():
    """An override needs what it overrides."""
    first, second = recorded("traces/assessments_3_17.json")
    made = calls(info(assessments=[second, first]), info(assessments=[]))
    assert [call.operation for call in made] == ["CreateAssessment"] * 2
    assert [call.arguments["assessment"] for call in made] == [first, second]


def test_assessments_are_updated_and_deleted():
    """Only the fields that differ are named; the time of the last update is the server's."""
    first, second = recorded("traces/assessments_3_17.json")
    there = info(assessments=[{**first, "rationale": "yes", "assessment_name": "x", "last_update_time": "z"}, second])
    (update, delete) = sorted(calls(info(assessments=[first]), there), key=lambda call: call.operation, reverse=True)
    assert (update.operation, update.arguments["update_mask"]) == ("UpdateAssessment", "assessmentName,rationale")
    assert update.arguments["assessment"] == {"assessment_name": "good", "rationale": "no"}
    assert delete == Call("DeleteAssessment", {"trace_id": TRACE, "assessment_id": second["assessment_id"]})


@pytest.mark.parametrize("state", ["OK", "ERROR"])
def test_the_calls_lead_to_equality(state):
    """A trace whose end is carried out needs nothing more."""
    here = info(state=state)
    assert calls(here, here) == []
