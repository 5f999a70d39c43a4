"""Params of 6000 and run tags of 8000 characters.

Why: servers refuse params beyond 250 characters (up to 1.23, in batches), 500 (up to 2.8), and tags beyond 5000 (up to
2.13); later ones cut them. What the client's own servers would take is kept in hidden tags of the run and shown whole.
What is too long for those as well is cut as they cut it, or goes on as it is, to be refused.
Lost: the server's own pages show the beginning only.
Source: observed on 1.20.2 to 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.json_sites import as_list
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import long_values, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.long_values import PARAM, RUN_TAG, Tag

_SINCE = Version(2, 17)
_ENTITIES_PER_BATCH = 1000
_FIELDS = ("params", "tags")


def _fitted(call: Call, dialects: Dialects) -> tuple[Call, list[Tag]]:
    """The call with values that fit, and the tags that hold the rest; the very call where nothing is to do."""
    given = call.arguments
    if call.operation in {"LogParam", "SetTag"}:
        value, kept = long_values.fit(given.get("value"), PARAM if call.operation == "LogParam" else RUN_TAG, dialects)
        changed = {"value": value} if value is not given.get("value") else {}
    else:
        changed, kept = {}, []
        for field in _FIELDS:
            entries, more = long_values.fit_all(given.get(field), PARAM if field == "params" else RUN_TAG, dialects)
            if entries is not given.get(field):
                changed[field] = entries
                kept += more
    return (Call(call.operation, {**given, **changed}, call.known_as) if changed else call), kept


def _applies(call: Call, dialects: Dialects) -> bool:
    return _fitted(call, dialects)[0] is not call


def _keep(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    call, kept = _fitted(call, dialects)
    if call.operation in {"CreateRun", "LogBatch"} and _has_room(call, kept):
        tags = as_list(call.arguments.get("tags"))
        answer = yield Call(call.operation, {**call.arguments, "tags": [*tags, *kept]}, call.known_as)
        return long_values.show(answer, call, dialects)
    answer = yield from runs.tag({"run_id": runs.named(call.arguments)}, kept)
    return (yield call) if answer.ok else answer


def _has_room(call: Call, kept: list[Tag]) -> bool:
    if call.operation == "CreateRun":
        return True
    sizes = [len(as_list(call.arguments.get(name))) for name in (*_FIELDS, "metrics")]
    return sizes[1] + len(kept) <= runs.TAGS_AT_ONCE and sum(sizes) + len(kept) <= _ENTITIES_PER_BATCH


CHANGE = VersionChange(
    name="keep_long_run_values",
    operations=frozenset({"LogParam", "SetTag", "LogBatch", "CreateRun"}),
    servers=(None, before(_SINCE)),
    clients=(Version(1, 28), None),
    applies=_applies,
    recipe=_keep,
    emulates=True,
    when="a value is longer than the server takes",
    lost="in the server's own pages, what is longer than it takes",
)
