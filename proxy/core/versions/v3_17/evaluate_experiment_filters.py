"""Searches of experiments by anything that MLflow's newest language has, on every server.

Why: ``experiments/search`` came with 1.28; times can be searched for since 1.30, missing tags since 3.10, ids since
3.17. Servers before 1.28 list experiments, and everything is done on our side; to later ones goes what they know.
Without an order the newest come first. Servers before 1.30 do not tell when an experiment was made: ordered by time,
its number must do, and no comparison with a time holds.
Lost: nothing.
Source: observed on 1.20.2 to 3.17.2; the tables are those of ``SearchExperimentsUtils``.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import mlflow_errors, searches
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.evaluate import EQUALITY, LISTS, NULLS, NUMBERS, STRINGS, Value
from proxy.core.versions.search_kinds import ORDER, Rule, SearchKind, Subject, number, since, tag_values

_SEARCH_SINCE = Version(1, 28)
_TIMES_SINCE = Version(1, 30)
_DEFAULT_ORDER_SINCE = Version(2, 0)
_TIMES = frozenset({"creation_time", "last_update_time"})
_NAME = frozenset({"name"})
_ID = frozenset({"experiment_id"})


def _read(experiment: Mapping[str, Any], subject: Subject) -> Sequence[Value]:
    if subject.kind == "tag":
        return tag_values(experiment, subject.key)
    value = experiment.get(subject.key)
    if subject.key in _TIMES:
        return number(value)
    return [str(value)] if value is not None else []


def _read_for_order(experiment: Mapping[str, Any], subject: Subject) -> Sequence[Value]:
    """As text, experiment 10 would come before 9."""
    if subject.key == "experiment_id":
        return number(experiment.get("experiment_id"))
    return _read(experiment, subject)


def _read_for_untimed_order(experiment: Mapping[str, Any], subject: Subject) -> Sequence[Value]:
    """Numbers rise with time."""
    return _read_for_order(experiment, Subject("attribute", "experiment_id") if subject.key in _TIMES else subject)


def _by(key: str, *, ascending: bool) -> tuple[Subject, bool]:
    return Subject("attribute", key), ascending


KIND = SearchKind(
    noun="experiments",
    field="experiments",
    rules=(
        Rule("attribute", _NAME, STRINGS),
        Rule("attribute", _TIMES, NUMBERS, since(1, 30)),
        Rule("attribute", _ID, EQUALITY | LISTS, since(3, 17)),
        Rule("tag", frozenset(), STRINGS),
        Rule("tag", frozenset(), NULLS, since(3, 10)),
    ),
    orders=(
        Rule("attribute", _NAME | _ID, ORDER),
        Rule("attribute", _TIMES, ORDER, since(1, 30)),
    ),
    numeric=_TIMES,
    aliases={},
    read=_read,
    ties=(_by("experiment_id", ascending=False),),
    standard=(_by("creation_time", ascending=False), _by("experiment_id", ascending=True)),
    page_limit=50_000,
    page_default=1000,
    read_order=_read_for_order,
)
_UNTIMED = replace(KIND, read_order=_read_for_untimed_order)


def _applies(call: Call, dialects: Dialects) -> bool:
    if dialects.server < _SEARCH_SINCE:
        return True
    search = searches.understood(KIND, call, dialects)
    if search is None:
        return True
    return bool(search.foreign) or not search.orderable or _expects_newest_first(call, dialects)


def _search(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    search = searches.understood(_UNTIMED if dialects.server < _TIMES_SINCE else KIND, call, dialects)
    if dialects.server < _SEARCH_SINCE:
        if search is None:
            return mlflow_errors.invalid(_not_understood(call))
        listed = Call("ListExperiments", {"view_type": call.arguments.get("view_type") or "ACTIVE_ONLY"})
        return (yield from searches.whole(call, search, dialects, source=listed))
    if search is None:
        return (yield from searches.as_it_stands(call))
    if not search.orderable:
        return (yield from searches.whole(call, search, dialects))
    if _expects_newest_first(call, dialects):
        order = "creation_time DESC" if dialects.server >= _TIMES_SINCE else "experiment_id DESC"
        tie = ["experiment_id ASC"] if dialects.server >= _TIMES_SINCE else []
        call = Call(call.operation, {**call.arguments, "order_by": [order, *tie]})
    if not search.foreign:
        return (yield call)
    return (yield from searches.refill(call, search))


def _expects_newest_first(call: Call, dialects: Dialects) -> bool:
    """Servers up to 1.30 have another order when none is asked for, and clients since 2.0 do not expect it."""
    return (
        dialects.server < _DEFAULT_ORDER_SINCE
        and dialects.client is not None
        and dialects.client >= _DEFAULT_ORDER_SINCE
        and not call.arguments.get("order_by")
    )


def _not_understood(call: Call) -> str:
    return f"Invalid filter {call.arguments.get('filter')!r}, order {call.arguments.get('order_by')!r} or max_results"


CHANGE = VersionChange(
    name="evaluate_experiment_filters",
    operations=frozenset({"SearchExperiments"}),
    servers=(None, before(Version(3, 17))),
    applies=_applies,
    recipe=_search,
    when="filter or ordering are newer than the server, or it has no such search",
)
