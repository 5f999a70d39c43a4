"""Infos of traces in both generations."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.mlflow_version import Version
from proxy.core.versions import notes, trace_infos
from tests.golden import recorded

NEW, NARROW = Version(2, 22, 4), Version(2, 14, 3)


def v2_of(info: Any, server: Any = NEW, **changed: Any) -> Any:
    """What a server of the older API shows of a trace that was stored from a newer info."""
    start, end = trace_infos.times_of(info, 0)
    tags = [*trace_infos.pairs(trace_infos.own_tags(info)), *trace_infos.note_tags(info, server)]
    shown = {
        "request_id": info["trace_id"],
        "experiment_id": trace_infos.experiment_of(info),
        "timestamp_ms": start,
        "execution_time_ms": end - start,
        "status": trace_infos.status_of(info),
        "request_metadata": trace_infos.pairs(info["trace_metadata"]),
        "tags": tags,
    }
    return {**shown, **changed}


def recorded_info() -> Any:
    info = recorded("traces/whole_3_17.json")["trace"]["trace_info"]
    for tag in ("mlflow.artifactLocation", "mlflow.trace.spansLocation"):
        del info["tags"][tag]
    return info


@pytest.mark.parametrize("server", [NEW, NARROW])
def test_a_newer_info_comes_back_as_it_was(server):
    """Previews, request id, times finer than a millisecond: everything."""
    info = {**recorded_info(), "client_request_id": "mine", "request_time": "2026-11-24T20:45:20.564098873Z"}
    assert trace_infos.to_v3(v2_of(info, server)) == info


@given(st.text(max_size=2000), st.sampled_from(["OK", "ERROR", "IN_PROGRESS", "STATE_UNSPECIFIED"]))
def test_previews_of_any_text_and_every_state_come_back(preview, state):
    """Also on a server that shows 250 characters of a tag."""
    info = {**recorded_info(), "request_preview": preview, "state": state}
    stored = v2_of(info, NARROW)
    assert all(len(tag["value"]) <= 250 for tag in stored["tags"])
    assert trace_infos.to_v3(stored) == info


def test_what_an_older_client_changed_since_counts():
    """A note that no longer agrees with the fields is not believed; what only the note has stays."""
    stored = v2_of(recorded_info(), status="ERROR", execution_time_ms=12)
    shown = trace_infos.to_v3(stored)
    assert (shown["state"], shown["execution_duration"]) == ("ERROR", "0.012s")
    assert shown["request_preview"] == '{"x": 7}'


def test_a_trace_of_an_older_client_is_shown_as_a_newer_server_would():
    """Without previews, with its tags and metadata as maps."""
    shown = trace_infos.to_v3(recorded("traces/info_2_22.json"))
    assert shown["trace_location"] == {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "1"}}
    assert (shown["request_time"], shown["execution_duration"]) == ("2026-11-24T20:45:13.790Z", "0.019s")
    assert shown["trace_metadata"]["mlflow.sourceRun"] == "f550ea004089471a9931833d97f39817"
    assert shown["tags"]["mlflow.traceName"] == "outer"
    assert "request_preview" not in shown
    assert "assessments" not in shown


def test_broken_notes_and_numbers_are_passed_over():
    """A trace is shown with what can be read of it."""
    tags = notes.write("trace", "{")
    shown = trace_infos.to_v3({"request_id": "a", "timestamp_ms": "x", "tags": tags})
    assert (shown["request_time"], shown["state"], shown["tags"]) == ("1970-01-01T00:00:00Z", "STATE_UNSPECIFIED", {})
    assert trace_infos.infos_to_v3(None) == []


def test_a_trace_under_way_has_no_duration():
    """Servers of the older API show 0 for it."""
    shown = trace_infos.to_v3({"request_id": "a", "status": "IN_PROGRESS", "execution_time_ms": 0})
    assert "execution_duration" not in shown
