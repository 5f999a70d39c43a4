"""Assessments that were kept in tags are read and changed on the same server after its upgrade.

Why: on servers before 3.3 they are notes on their trace (``keep_assessments_in_tags``). The upgraded server knows none
of them, so one that it does not have is looked for there. It says nothing of a deletion of what it does not have, so
there the notes are looked at in any case.
Lost: nothing.
Source: observed on databases of 2.22.4 upgraded to 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.left_behind import server_first
from proxy.core.versions.v3_3 import keep_assessments_in_tags


def _find(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    if call.operation != "DeleteAssessment":
        return (yield from server_first(keep_assessments_in_tags.keep)(call, dialects))
    answer = yield call
    noted = yield from keep_assessments_in_tags.keep(call, dialects)
    return noted if answer.ok else answer


CHANGE = VersionChange(
    name="find_assessments_of_before",
    operations=keep_assessments_in_tags.CHANGE.operations,
    servers=(trace_infos.V3_SINCE, None),
    reveals=True,
    recipe=_find,
    emulates=True,
)
