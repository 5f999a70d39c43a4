"""The infos of many traces are read with one call.

Why: ``traces/batchGetInfos`` came with 3.14; before, each info is read by itself. Traces that do not exist are left
out, as there.
Lost: nothing.
Source: answers of 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core import json_sites
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _read(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    allowed = {str(found) for found in json_sites.as_list(call.arguments.get("experiment_ids"))}
    infos = yield from trace_infos.read_each(call.arguments.get("trace_ids"))
    if isinstance(infos, Response):
        return infos
    wanted = [info for info in infos if not allowed or trace_infos.experiment_of(info) in allowed]
    return jsontext.answer({"trace_infos": wanted})


CHANGE = VersionChange(
    name="read_trace_infos_singly",
    operations=frozenset({"BatchGetTraceInfos"}),
    servers=(trace_infos.V2_SINCE, before(Version(3, 14))),
    recipe=_read,
)
