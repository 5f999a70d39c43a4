"""Searches of registered models by anything that MLflow's newest language has.

Why: servers up to 1.23 take one clause about the name; tags, ``!=`` and AND came with 1.28, lists of names with 3.17
(1.28 to 2.0 overlook or refuse them, depending on their sqlparse), and what clients say about prompts is understood
since 2.21. Old servers with a new sqlparse do not understand the ordering ``timestamp`` either, which is another name
of ``last_updated_timestamp``.
Lost: nothing, but a search with rare hits costs several requests. ``IS NULL``, which no version's registry has, is
refused with 400; 3.14 and later answer 500, and clients would repeat the search for minutes.
Source: observed on 1.20.2 to 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import registry_searches, searches
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.evaluate import LISTS, PATTERNS, Value
from proxy.core.versions.search_kinds import ORDER, Rule, SearchKind, Subject, number, since

_NAME = frozenset({"name"})
_TIMES = frozenset({"timestamp", "last_updated_timestamp"})
_TIMESTAMP_SINCE = Version(2, 5)


def _read(model: Mapping[str, Any], subject: Subject) -> Sequence[Value]:
    if subject.kind == "tag":
        return registry_searches.tags_of(model, subject.key)
    if subject.key in _TIMES:
        return number(model.get("last_updated_timestamp"))
    value = model.get(subject.key)
    return [str(value)] if value is not None else []


KIND = SearchKind(
    noun="registered models",
    field="registered_models",
    rules=(
        Rule("attribute", _NAME, PATTERNS | {"="}),
        Rule("attribute", _NAME, frozenset({"!="}), since(1, 28)),
        Rule("attribute", _NAME, LISTS, since(3, 17)),
        *registry_searches.TAGS,
    ),
    orders=(Rule("attribute", _NAME | _TIMES, ORDER),),
    numeric=_TIMES,
    aliases={},
    read=_read,
    ties=((Subject("attribute", "name"), True),),
    standard=(),
    page_limit=1000,
    page_default=100,
    one_clause=registry_searches.ONE_CLAUSE,
)


def _applies(call: Call, dialects: Dialects) -> bool:
    if registry_searches.refusal(call) is not None:
        return True
    search = searches.understood(KIND, call, dialects)
    return search is None or (bool(search.foreign) or _says_timestamp(search, dialects))


def _search(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    refusal = registry_searches.refusal(call)
    if refusal is not None:
        return refusal
    search = searches.understood(KIND, call, dialects)
    if search is None:
        return (yield from searches.as_it_stands(call))
    if _says_timestamp(search, dialects):
        orders = [
            f"{'last_updated_timestamp' if each.subject.key in _TIMES else each.subject.key} "
            f"{'ASC' if each.ascending else 'DESC'}"
            for each in search.sortings
        ]
        call = Call(call.operation, {**call.arguments, "order_by": orders})
    if not search.foreign:
        return (yield call)
    return (yield from searches.refill(call, search))


def _says_timestamp(search: searches.Search, dialects: Dialects) -> bool:
    return dialects.server < _TIMESTAMP_SINCE and any(each.subject.key == "timestamp" for each in search.sortings)


CHANGE = VersionChange(
    name="evaluate_registered_model_filters",
    operations=frozenset({"SearchRegisteredModels"}),
    servers=(None, None),
    applies=_applies,
    recipe=_search,
    when="filter or ordering are newer than the server",
)
