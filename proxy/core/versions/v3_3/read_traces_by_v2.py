"""The infos of traces are read under API 3.0.

Why: servers of 2.14 to 3.2 have the same under API 2.0, in the older form (see ``trace_infos``).
Lost: nothing; what the older form has no field for is read from the note that ``start_trace_by_v2`` left. Traces made
by older clients have no note, and their previews stay empty, as on a newer server.
Source: observed with 3.3.2, 3.10.1 and 3.17.2 clients on 2.14.3, 2.22.4 and 3.1.4.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _read(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    answer = yield Call("GetTraceInfo", {"request_id": call.arguments.get("trace_id")})
    return trace_infos.shown_as_v3(answer)


CHANGE = VersionChange(
    name="read_traces_by_v2",
    operations=frozenset({"GetTraceInfoV3"}),
    servers=(trace_infos.V2_SINCE, before(trace_infos.V3_SINCE)),
    recipe=_read,
)
