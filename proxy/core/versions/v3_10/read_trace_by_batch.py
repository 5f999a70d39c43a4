"""A whole trace, spans included, is read with ``traces/get``.

Why: it came with 3.10. ``traces/batchGet`` came before, and answers the same for several traces.
Lost: nothing.
Source: answers of 3.10.1 and 3.17.2. Clients ask this only when a trace's tags say that the server holds its spans.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.json_sites import maps_in
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, jsontext, mlflow_errors, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _get(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    wanted = str(call.arguments.get("trace_id") or "")
    answer = yield Call("BatchGetTraces", {"trace_ids": [wanted]})
    if not answer.ok:
        return answer
    found = maps_in((answers.success(answer) or {}).get("traces"))
    if not found:
        return mlflow_errors.absent(f"Trace with ID {wanted} is not found.")
    return jsontext.answer({"trace": found[0]})


CHANGE = VersionChange(
    name="read_trace_by_batch",
    operations=frozenset({"GetTrace"}),
    servers=(trace_infos.V2_SINCE, before(Version(3, 10))),
    recipe=_get,
)
