"""Tags of traces are written, and traces are deleted, under API 3.0.

Why: servers of 2.14 to 3.2 have the same calls under API 2.0, where the trace is called ``request_id`` in the path.
Lost: nothing.
Source: observed with 3.17.2 requests on 2.14.3 and 2.22.4. MLflow's Python clients use the older paths to this day.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_SAME = {"SetTraceTagV3": "SetTraceTag", "DeleteTraceTagV3": "DeleteTraceTag", "DeleteTracesV3": "DeleteTraces"}


def _rename(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    arguments = dict(call.arguments)
    if "trace_id" in arguments:
        arguments["request_id"] = arguments.pop("trace_id")
    return (yield Call(_SAME[call.operation], arguments))


CHANGE = VersionChange(
    name="write_trace_tags_by_v2",
    operations=frozenset(_SAME),
    servers=(trace_infos.V2_SINCE, before(trace_infos.V3_SINCE)),
    recipe=_rename,
)
