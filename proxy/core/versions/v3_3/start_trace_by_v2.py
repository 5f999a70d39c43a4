"""Traces are created finished, under an id that the client brings.

Why: servers of 2.14 to 3.2 mint the id themselves, and a trace is begun and ended by two calls. Both are made; the id
map then makes the client's id out of the server's wherever it stands, so the answer's artifact location leads to the
right place. Fields that the older API lacks are kept in a note on the trace, see ``trace_infos``; assessments that
come with the trace as in ``keep_assessments_in_tags``. A trace that is there already is ended once more with what the
newer call says, as servers since 3.6 do.
Lost: clients of 2.x see no previews. Clients of the newer API get everything back.
Source: observed with 3.3.2, 3.10.1 and 3.17.2 clients on 2.14.3, 2.22.4 and 3.1.4.
"""

from __future__ import annotations

import re
from collections.abc import Generator

from proxy.core import hidden_tags, json_sites
from proxy.core.messages import Response
from proxy.core.versions import assessments, mlflow_errors, notes, trace_infos
from proxy.core.versions.assessments import AssessmentError
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.errors import CannotTranslateError

_TOKEN = re.compile(r"(?:[a-z]{1,3}-)?[0-9a-f]{32}")


def _start(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    info = json_sites.as_map(json_sites.first(call.arguments, "trace.trace_info"))
    trace, experiment = str(info.get("trace_id") or ""), trace_infos.experiment_of(info)
    if experiment is None or _TOKEN.fullmatch(trace) is None:
        raise CannotTranslateError(
            f"MLflow {dialects.server} keeps traces in experiments, under ids of 32 hexadecimal digits; "
            f"this one ({trace!r}) is none of those",
            hint="MLflow's own clients make such ids.",
        )
    given = json_sites.maps_in(info.get("assessments"))
    try:
        judged = [
            assessments.created(each, trace, assessments.fresh_id(dialects.token, number), dialects.now_ms)
            for number, each in enumerate(given)
        ]
    except AssessmentError as error:
        return mlflow_errors.invalid(str(error))
    start_ms, end_ms = trace_infos.times_of(info, dialects.now_ms)
    piece = trace_infos.piece(dialects.server)
    hidden = [*trace_infos.note_tags(info, dialects.server)]
    hidden += [tag for each in judged for tag in assessments.note_tags(each, piece)]
    tags = [*trace_infos.pairs(trace_infos.own_tags(info)), *hidden]
    metadata = trace_infos.pairs(notes.as_map(info.get("trace_metadata")))
    there = yield Call("GetTraceInfo", {"request_id": trace})
    if not there.ok:
        public = {"key": hidden_tags.PUBLIC_ID_TAG, "value": hidden_tags.public_id_value(trace)}
        begin = {"experiment_id": experiment, "timestamp_ms": start_ms}
        answer = yield Call(
            "StartTrace", {**begin, "request_metadata": metadata, "tags": [*tags, public]}, known_as=trace
        )
        metadata, tags = [], []
        if not answer.ok:
            return answer
    if there.ok or info.get("state") != "IN_PROGRESS":
        end = {"request_id": trace, "timestamp_ms": end_ms, "status": trace_infos.status_of(info)}
        answer = yield Call("EndTrace", {**end, "request_metadata": metadata, "tags": tags})
    if there.ok and answer.ok:  # the answer of the call that merges shows only what was there before
        answer = yield Call("GetTraceInfo", {"request_id": trace})
    return trace_infos.shown_as_v3(answer)


CHANGE = VersionChange(
    name="start_trace_by_v2",
    operations=frozenset({"StartTraceV3"}),
    servers=(trace_infos.V2_SINCE, before(trace_infos.V3_SINCE)),
    recipe=_start,
    emulates=True,
    lost="clients of 2.x see no previews of request and response",
)
