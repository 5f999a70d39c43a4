"""Whole traces, spans included, are read with one call.

Why: ``traces/get`` came with 3.10 and ``traces/batchGet`` shortly after 3.3. Where a server has only the second, the
first is asked of it. Where it has neither, the info and the file of spans are read and put together.
Lost: spans whose files lie outside the server (a bucket that clients reach themselves) are left out.
Source: answers of 3.10.1 and 3.17.2. Clients ask this only when a trace's tags say that the server holds its spans.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, spans, trace_files, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_Steps = Generator[Call, Response, Response]


def _get(call: Call, _: Dialects) -> _Steps:
    wanted = str(call.arguments.get("trace_id") or "")
    answer = yield Call("BatchGetTraces", {"trace_ids": [wanted]})
    found = (jsontext.read_answer(answer) or {}).get("traces") if answer.ok else None
    if not answer.ok:
        return answer
    if not found:
        message = f"Trace with ID {wanted} is not found."
        return jsontext.answer({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": message}, status=404)
    return jsontext.answer({"trace": found[0]})


def _get_many(call: Call, _: Dialects) -> _Steps:
    traces = []
    for trace in call.arguments.get("trace_ids") or []:
        answer = yield Call("GetTraceInfoV3", {"trace_id": trace})
        if answer.status == 404:
            continue
        found = (jsontext.read_answer(answer) or {}).get("trace") if answer.ok else None
        info = found.get("trace_info") if isinstance(found, Mapping) else None
        if not isinstance(info, Mapping):
            return answer
        traces.append({"trace_info": info, "spans": (yield from _spans(info))})
    return jsontext.answer({"traces": traces})


def _spans(info: Mapping[str, Any]) -> Generator[Call, Response, list[dict[str, Any]]]:
    reading = trace_files.reading(info)
    if reading is None:
        return []
    answer = yield reading
    found = trace_files.spans_in(answer.body) if answer.ok else None
    return [spans.to_answer(span) for span in found or []]


ONE = VersionChange(
    name="read_trace_by_batch",
    operations=frozenset({"GetTrace"}),
    servers=(trace_infos.V2_SINCE, before(Version(3, 10))),
    recipe=_get,
)

MANY = VersionChange(
    name="read_spans_from_files",
    operations=frozenset({"BatchGetTraces"}),
    servers=(trace_infos.V2_SINCE, before(Version(3, 4))),
    recipe=_get_many,
    lost="spans whose files lie outside the server are left out",
)
