"""What a trace says about itself, in both generations of the API.

Version 2 (2.14 to 3.2): ``{"request_id", "experiment_id", "timestamp_ms", "execution_time_ms", "status",
"request_metadata": [{"key", "value"}], "tags": [{"key", "value"}]}``. Version 3 (3.3 and later): ``{"trace_id",
"trace_location", "request_time", "execution_duration", "state", "trace_metadata": {}, "tags": {}, "request_preview",
"response_preview", "client_request_id", "assessments": []}``.

What version 2 has no field for goes into a note on the trace. The note also holds times and state as they were given
(they can be finer than a millisecond); it counts only where it still agrees with the fields, because clients of
version 2 may have changed those since.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core import hidden_tags, json_sites
from proxy.core.json_sites import as_list, as_map
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, assessments, jsontext, notes, proto_times
from proxy.core.versions.change import Call

V2_SINCE, V3_SINCE = Version(2, 14), Version(3, 3)
"""The first servers with traces of either generation."""

ARTIFACT_LOCATION = "mlflow.artifactLocation"
SPANS_LOCATION = "mlflow.trace.spansLocation"
SOURCE_RUN = "mlflow.sourceRun"

_LOCATION = "trace_location.mlflow_experiment.experiment_id"
_NOTE = "trace"
_SERVERS_OWN = frozenset({ARTIFACT_LOCATION, SPANS_LOCATION})
"""Tags that a server sets: where it keeps the files, and whether it holds the spans itself."""

_KEPT = ("client_request_id", "request_preview", "response_preview", "request_time", "execution_duration", "state")
_STATUS_OF = {"STATE_UNSPECIFIED": "TRACE_STATUS_UNSPECIFIED"}
_STATE_OF = {"TRACE_STATUS_UNSPECIFIED": "STATE_UNSPECIFIED"}
_WIDE_TAGS_SINCE = Version(2, 22)
_NARROW_PIECE = 240


def piece(server: Version) -> int:
    """Characters of a note per tag: 2.14 stores tags of traces in full, but cuts them to 250 when it shows them."""
    return notes.PIECE if server >= _WIDE_TAGS_SINCE else _NARROW_PIECE


def note_tags(info: Mapping[str, Any], server: Version) -> list[notes.Tag]:
    """The hidden tags that keep of a version-3 info what version 2 has no field for."""
    kept = {name: info[name] for name in _KEPT if info.get(name) is not None}
    return notes.write(_NOTE, jsontext.write(kept).decode(), piece=piece(server)) if kept else []


def linked_run_key(run: str) -> str:
    """The hidden tag of a trace that is linked to a run besides its own."""
    return f"{hidden_tags.PREFIX}run.{run}"


def experiment_of(info: Mapping[str, Any]) -> str | None:
    """The experiment that a version-3 info lies in."""
    found = json_sites.first(info, _LOCATION)
    return str(found) if found is not None else None


def own_tags(info: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a version-3 info that its writer may set."""
    return {key: value for key, value in notes.as_map(info.get("tags")).items() if key not in _SERVERS_OWN}


def pairs(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``{k: v}`` as ``[{"key": k, "value": v}]``."""
    return [{"key": key, "value": value} for key, value in values.items()]


def times_of(info: Mapping[str, Any], now_ms: int) -> tuple[int, int]:
    """Start and end of a version-3 info in milliseconds."""
    start = proto_times.timestamp_ms(info.get("request_time"))
    start = now_ms if start is None else start
    return start, start + (proto_times.duration_ms(info.get("execution_duration")) or 0)


def status_of(info: Mapping[str, Any]) -> str:
    """``state`` as version 2 calls it."""
    state = str(info.get("state") or "STATE_UNSPECIFIED")
    return _STATUS_OF.get(state, state)


def to_v3(info: Mapping[str, Any]) -> dict[str, Any]:
    """A version-2 info, hidden tags included, as version 3."""
    tags = notes.as_map(info.get("tags"))
    note = _note(tags)
    trace = str(info.get("request_id", ""))
    v3: dict[str, Any] = {
        "trace_id": trace,
        "trace_location": {
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": {"experiment_id": str(info.get("experiment_id", ""))},
        },
        "request_time": proto_times.timestamp(_number(info.get("timestamp_ms"))),
        "execution_duration": proto_times.duration(_number(info.get("execution_time_ms"))),
        "state": _STATE_OF.get(str(info.get("status")), info.get("status") or "STATE_UNSPECIFIED"),
        "trace_metadata": notes.as_map(info.get("request_metadata")),
        "tags": {key: value for key, value in tags.items() if not key.startswith(hidden_tags.PREFIX)},
    }
    if v3["state"] == "IN_PROGRESS" and not _number(info.get("execution_time_ms")):
        del v3["execution_duration"]
    for name, value in note.items():
        if name not in v3 or _same(name, value, v3[name]):
            v3[name] = value
    given = assessments.of_trace(tags, trace)
    return {**v3, "assessments": given} if given else v3


def with_notes(info: Mapping[str, Any]) -> dict[str, Any]:
    """A version-3 info of a server that was upgraded, with what was noted on the trace while it knew version 2."""
    tags = notes.as_map(info.get("tags"))
    own = as_list(info.get("assessments"))
    known = {str(as_map(each).get("assessment_id")) for each in own}
    noted = assessments.of_trace(tags, str(info.get("trace_id", "")))
    both = [*own, *(each for each in noted if each.get("assessment_id") not in known)]
    return {**_note(tags), **info, **({"assessments": both} if both else {})}


def shown_as_v3(answer: Response) -> Response:
    """The answer with one trace as version 3 gives it; any other answer as it is."""
    info = answers.found(answer, "trace_info")
    return jsontext.with_body(answer, {"trace": {"trace_info": to_v3(info)}}) if info is not None else answer


def infos_to_v3(infos: Any) -> list[dict[str, Any]]:
    """The same for a list."""
    return list(map(to_v3, json_sites.maps_in(infos)))


def read_each(trace_ids: Any) -> Generator[Call, Response, list[dict[str, Any]] | Response]:
    """The version-3 infos of these traces, those that are not there left out; the answer where one cannot be read."""
    infos = []
    for trace in json_sites.as_list(trace_ids):
        answer = yield Call("GetTraceInfoV3", {"trace_id": trace})
        if answer.status == 404:
            continue
        info = (answers.found(answer, "trace") or {}).get("trace_info")
        if not isinstance(info, dict):
            return answer
        infos.append(info)
    return infos


def end_ms(info: Mapping[str, Any]) -> int:
    """When the trace of a version-2 info ended, in milliseconds since the epoch."""
    return _number(info.get("timestamp_ms")) + _number(info.get("execution_time_ms"))


def _note(tags: Mapping[str, str]) -> dict[str, Any]:
    found = jsontext.parsed(notes.read(tags, _NOTE))
    return {name: found[name] for name in _KEPT if name in found}


def _same(name: str, noted: Any, shown: Any) -> bool:
    """Whether a noted field, which may be finer, still says what the server shows."""
    if name == "request_time":
        return proto_times.timestamp_ms(noted) == proto_times.timestamp_ms(shown)
    if name == "execution_duration":
        return proto_times.duration_ms(noted) == proto_times.duration_ms(shown)
    return bool(noted == shown)


def _number(value: Any) -> int:
    return json_sites.integer(value) or 0
