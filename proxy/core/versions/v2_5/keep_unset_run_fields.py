"""``runs/update`` leaves alone what it does not name.

Why: servers up to 2.0.1 reset ``status`` to RUNNING and ``end_time`` to nothing when an update does not name them, so
a newer client that only renames a run would reopen it. The run is read first and both are filled in.
Lost: an update by somebody else between the read and the write.
Only for callers that are known to expect it (2.5 and later): an older client that leaves the fields out means a reset.
Source: observed on 1.30.1, 2.0.1 and 2.5.0.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_SINCE = Version(2, 5)
_FIELDS = ("status", "end_time")


def _applies(call: Call, _: Dialects) -> bool:
    return any(call.arguments.get(field) is None for field in _FIELDS)


def _fill(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    answer = yield Call("GetRun", runs.naming(given))
    run = answers.found(answer, "run")
    if run is None:
        return answer
    known = runs.info_of(run)
    missing = {
        field: known[field] for field in _FIELDS if given.get(field) is None and known.get(field) not in (None, 0, "0")
    }
    return (yield Call(call.operation, {**given, **missing}))


CHANGE = VersionChange(
    name="keep_unset_run_fields",
    operations=frozenset({"UpdateRun"}),
    servers=(None, before(_SINCE)),
    clients=(_SINCE, None),
    applies=_applies,
    recipe=_fill,
    lost="another update of the same run between our read and our write",
    when="status or end_time is left out",
)
