"""Traces are linked to runs after they were made.

Why: servers of 2.14 to 3.2 know one run per trace, the one in the metadata ``mlflow.sourceRun``, and every version
searches by it. A trace without one gets it, by ending the trace once more with the status and the time that it has. A
trace of another run keeps that, and the link is left in a hidden tag of its own, which ``search_linked_traces`` looks
at as well.
Lost: clients of 2.x see only the first of several runs.
Source: ``link_traces_to_run`` in ``mlflow/store/tracking/sqlalchemy_store.py`` of 3.3.2; observed on 2.14.3 and 2.22.4.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core import json_sites
from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, notes, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _link(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    run = str(call.arguments.get("run_id") or "")
    for trace in json_sites.as_list(call.arguments.get("trace_ids")):
        answer = yield Call("GetTraceInfo", {"request_id": trace})
        info = answers.found(answer, "trace_info")
        if info is None:
            return answer
        known = notes.as_map(info.get("request_metadata")).get(trace_infos.SOURCE_RUN)
        if known == run:
            continue
        if known:
            tag = {"key": trace_infos.linked_run_key(run), "value": "1"}
            answer = yield Call("SetTraceTag", {"request_id": trace, **tag})
        else:
            answer = yield Call("EndTrace", _ended_again(info, run))
        if not answer.ok:
            return answer
    return jsontext.answer({})


def _ended_again(info: Mapping[str, Any], run: str) -> dict[str, Any]:
    return {
        "request_id": info.get("request_id"),
        "timestamp_ms": trace_infos.end_ms(info),
        "status": info.get("status"),
        "request_metadata": [{"key": trace_infos.SOURCE_RUN, "value": run}],
        "tags": [],
    }


CHANGE = VersionChange(
    name="link_traces_by_metadata",
    operations=frozenset({"LinkTracesToRun"}),
    servers=(trace_infos.V2_SINCE, before(trace_infos.V3_SINCE)),
    recipe=_link,
    emulates=True,
    lost="clients of 2.x see only the first run of a trace that is linked to several",
)
