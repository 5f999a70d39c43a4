"""Servers keep the spans of traces in their database.

Why: older clients look for the file ``traces.json`` and nowhere else. When it is not there, the server is asked for the
trace, and the file is made of its answer, in the form that the client reads.
Lost: nothing that older clients know.
Source: observed with 2.22.4, 3.1.4 and 3.3.2 clients on 3.10.1, where the spans came by ``/v1/traces``.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.json_sites import maps_in
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, jsontext, spans, trace_files
from proxy.core.versions.change import Call, Dialects, VersionChange

_V3_FILES = Version(3, 0)


def _make(call: Call, dialects: Dialects) -> Generator[Call, Response, Response | None]:
    answer = yield Call("BatchGetTraces", {"trace_ids": [trace_files.trace_of(call)]})
    traces = maps_in((answers.success(answer) or {}).get("traces"))
    found = [spans.from_answer(span) for span in maps_in(traces[0].get("spans"))] if traces else []
    if not found:
        return None
    old = dialects.client is not None and dialects.client < _V3_FILES
    return jsontext.answer(spans.file_of_v2(found) if old else {"spans": found})


CHANGE = VersionChange(
    name="make_trace_files",
    operations=frozenset({"DownloadArtifact"}),
    servers=(Version(3, 4), None),
    applies=trace_files.is_trace_file,
    looks_inside=False,
    detour_if_missing=_make,
    when="the file of a trace's spans is not there",
)
