"""Traces are shown with what was noted on them before the server was upgraded: assessments, previews, client's ids.

Why: servers before 3.3 have no place for those (``keep_assessments_in_tags``, ``start_trace_by_v2``).
Lost: searching for them.
Source: observed on databases of 2.22.4 upgraded to 3.17.2.
"""

from __future__ import annotations

from typing import Any

from proxy.core.hidden_tags import PREFIX
from proxy.core.messages import Response
from proxy.core.versions import jsontext, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange


def _show(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer) if PREFIX.encode() in answer.body else None
    return answer if content is None else jsontext.with_body(answer, _shown(content))


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "trace_id" in value and isinstance(value.get("tags"), dict):
        return trace_infos.with_notes(value)
    return {name: _shown(each) for name, each in value.items()}


CHANGE = VersionChange(
    name="show_assessments_of_before",
    operations=frozenset({"GetTraceInfoV3", "SearchTracesV3", "BatchGetTraceInfos", "BatchGetTraces", "GetTrace"}),
    servers=(trace_infos.V3_SINCE, None),
    clients=(trace_infos.V3_SINCE, None),
    reveals=True,
    looks_inside=False,
    response=_show,
    emulates=True,
    lost="searching for assessments of before",
)
