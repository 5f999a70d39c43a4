"""What the following side lacks of a trace: the difference as calls that bring it there.

Pure, like ``sync_plan``: the caller reads both infos in the form of API 3.0 and in public ids. Running the calls twice
changes nothing. What a server sets itself (where files and spans lie) is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proxy.core.versions import trace_infos
from proxy.core.versions.change import Call

_ASSESSED = ("assessment_name", "feedback", "expectation", "rationale", "metadata")
"""What an update of an assessment may change."""


def create(here: Mapping[str, Any]) -> Call:
    """The call that makes the trace; assessments come by themselves, because some make others invalid."""
    info = {name: value for name, value in here.items() if name != "assessments"}
    return Call("StartTraceV3", {"trace": {"trace_info": {**info, "tags": trace_infos.own_tags(here)}}})


def changes(here: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[Call]:
    """The calls that bring the trace there to what it is here."""
    yield from _end(here, there)
    yield from _tags(str(here["trace_id"]), trace_infos.own_tags(here), trace_infos.own_tags(there))
    yield from _assessments(str(here["trace_id"]), _by_id(here), _by_id(there))


def _end(here: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[Call]:
    ours, theirs = here.get("trace_metadata") or {}, there.get("trace_metadata") or {}
    metadata = {key: value for key, value in ours.items() if theirs.get(key) != value}
    end, status = trace_infos.times_of(here, 0)[1], trace_infos.status_of(here)
    if metadata or end != trace_infos.times_of(there, 0)[1] or status != trace_infos.status_of(there):
        arguments = {"request_id": here["trace_id"], "timestamp_ms": end, "status": status, "tags": []}
        yield Call("EndTrace", {**arguments, "request_metadata": trace_infos.pairs(metadata)})


def _tags(trace: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[Call]:
    for key, value in ours.items():
        if theirs.get(key) != value:
            yield Call("SetTraceTag", {"request_id": trace, "key": key, "value": value})
    for key in theirs.keys() - ours.keys():
        yield Call("DeleteTraceTag", {"request_id": trace, "key": key})


def _assessments(trace: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Call]:
    for name in theirs.keys() - ours.keys():
        yield Call("DeleteAssessment", {"trace_id": trace, "assessment_id": name})
    for name, one in ours.items():
        if name not in theirs:
            yield Call("CreateAssessment", {"trace_id": trace, "assessment": dict(one)})
        elif changed := [field for field in _ASSESSED if one.get(field) != theirs[name].get(field)]:
            given = {field: one[field] for field in changed if field in one}
            arguments = {"trace_id": trace, "assessment_id": name, "assessment": given}
            yield Call("UpdateAssessment", {**arguments, "update_mask": ",".join(map(_camel, changed))})


def _by_id(info: Mapping[str, Any]) -> dict[str, Any]:
    """Assessments by id, oldest first, so that what is overridden exists before what overrides it."""
    found = [each for each in info.get("assessments") or [] if each.get("assessment_id")]
    return {str(each["assessment_id"]): each for each in sorted(found, key=lambda one: str(one.get("create_time")))}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
