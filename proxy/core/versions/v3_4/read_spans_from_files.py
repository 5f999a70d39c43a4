"""Whole traces, spans included, are read with ``traces/batchGet``.

Why: it came with 3.4. Before, spans lie in files only, so the info and the file of each trace are read and put
together.
Lost: spans whose files lie outside the server (a bucket that clients reach themselves) are left out.
Source: answers of 3.17.2 for traces whose files were recorded as well.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, spans, trace_files, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _get(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    infos = yield from trace_infos.read_each(call.arguments.get("trace_ids"))
    if isinstance(infos, Response):
        return infos
    traces = []
    for info in infos:
        found = yield from _spans(info)
        traces.append({"trace_info": info, "spans": found})
    return jsontext.answer({"traces": traces})


def _spans(info: Mapping[str, Any]) -> Generator[Call, Response, list[dict[str, Any]]]:
    reading = trace_files.reading(info)
    if reading is None:
        return []
    answer = yield reading
    found = trace_files.spans_in(answer.body) if answer.ok else None
    return [spans.to_answer(span) for span in found or []]


CHANGE = VersionChange(
    name="read_spans_from_files",
    operations=frozenset({"BatchGetTraces"}),
    servers=(trace_infos.V2_SINCE, before(Version(3, 4))),
    recipe=_get,
    lost="spans whose files lie outside the server are left out",
)
