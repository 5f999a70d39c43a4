"""Searches of model versions by anything that MLflow's newest language has, in pages and in order.

Why: servers up to 1.23 take one clause (``name =``, ``run_id =``, ``source_path =``); tags, ``!=``, LIKE and AND came
with 1.28, version numbers, orderings and pages after 2.0, lists of names with 3.17, and what clients say about prompts
is understood since 2.21. Lists of run ids are older, but servers up to 2.0 overlook them where they run with a newer
sqlparse. A server without pages answers everything at once: it is ordered and cut
into pages on our side.
Lost: nothing. ``IS NULL``, which no version's registry has, is refused with 400; 3.14 and later answer 500, and
clients would repeat the search for minutes.
Source: observed on 1.20.2 to 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import registry_searches, searches
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.evaluate import EQUALITY, NUMBERS, PATTERNS, Value
from proxy.core.versions.search_kinds import ORDER, Rule, SearchKind, Subject, number, since

_PAGES_SINCE = Version(2, 3)
_NAME = frozenset({"name"})
_TEXTS = frozenset({"name", "run_id", "source_path"})
_NUMBER = frozenset({"version_number"})
_TIMES = frozenset({"creation_timestamp", "last_updated_timestamp"})


def _read(version: Mapping[str, Any], subject: Subject) -> Sequence[Value]:
    if subject.kind == "tag":
        return registry_searches.tags_of(version, subject.key)
    if subject.key in _NUMBER:
        return number(version.get("version"))
    if subject.key in _TIMES:
        return number(version.get(subject.key))
    value = version.get("source" if subject.key == "source_path" else subject.key)
    return [str(value)] if value is not None else []


def _by(key: str, *, ascending: bool) -> tuple[Subject, bool]:
    return Subject("attribute", key), ascending


_TIES = (_by("name", ascending=True), _by("version_number", ascending=False))

KIND = SearchKind(
    noun="model versions",
    field="model_versions",
    rules=(
        Rule("attribute", _TEXTS, frozenset({"="})),
        Rule("attribute", frozenset({"run_id"}), frozenset({"IN"}), since(2, 5)),
        Rule("attribute", _TEXTS, PATTERNS | EQUALITY, since(1, 28)),
        Rule("attribute", _NUMBER, NUMBERS, since(2, 3)),
        Rule("attribute", _NAME, frozenset({"IN"}), since(3, 17)),
        Rule("attribute", frozenset({"name", "run_id"}), frozenset({"NOT IN"}), since(3, 17)),
        *registry_searches.TAGS,
    ),
    orders=(Rule("attribute", _NAME | _NUMBER | _TIMES, ORDER, since(2, 3)),),
    numeric=_NUMBER | _TIMES,
    aliases={},
    read=_read,
    ties=_TIES,
    standard=(_by("last_updated_timestamp", ascending=False), *_TIES),
    page_limit=200_000,
    page_default=10_000,
    one_clause=registry_searches.ONE_CLAUSE,
)


def _applies(call: Call, dialects: Dialects) -> bool:
    if registry_searches.refusal(call) is not None:
        return True
    search = searches.understood(KIND, call, dialects)
    return search is None or (dialects.server < _PAGES_SINCE or bool(search.foreign) or not search.orderable)


def _search(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    refusal = registry_searches.refusal(call)
    if refusal is not None:
        return refusal
    search = searches.understood(KIND, call, dialects)
    if search is None:
        return (yield from searches.as_it_stands(call))
    if dialects.server < _PAGES_SINCE:
        return (yield from searches.whole(call, search, dialects, paged=False))
    if not search.orderable:
        return (yield from searches.whole(call, search, dialects))
    return (yield from searches.refill(call, search))


CHANGE = VersionChange(
    name="evaluate_model_version_filters",
    operations=frozenset({"SearchModelVersions"}),
    servers=(None, None),
    applies=_applies,
    recipe=_search,
    when="filter, ordering or pages are newer than the server",
)
