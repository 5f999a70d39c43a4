"""Searches of runs by anything that MLflow's newest language has.

Why: servers learned it bit by bit: ``start_time`` in 1.28, the other attributes in 1.30 (a run's name was a tag
before), names as the UI writes them (``Run Name``, ``Created``) after 2.0, lists of run ids and datasets in 2.5,
``IS NULL`` in 3.14. Up to 3.9 (3.6 at least) they stumble, with 500, over datasets together with metrics, params or
tags. What a server does not know is evaluated on the runs that it answers.
Lost: orderings by what the server does not know, of more than 20 000 runs: all hits are needed at once for that, so
those are refused with 400. A search with rare hits costs several requests.
Source: observed on 1.20.2 to 3.17.2; the tables are those of ``SearchUtils``.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from proxy.core.json_sites import as_map, maps_in
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import run_names, searches
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.evaluate import LISTS, NULLS, NUMBERS, STRINGS, Value
from proxy.core.versions.search_kinds import ORDER, Rule, SearchKind, Subject, number, since, tag_values

_CONTEXT = "mlflow.data.context"
_NAMES = frozenset({"run name", "Run name", "Run Name"})
_ALIASES_SINCE = Version(2, 5)
_RUN_NAMES_SINCE = Version(1, 30, 1)
_DATASETS_JOINED_SINCE = Version(3, 10)
_JOINED = frozenset({"metric", "param", "tag"})


def _read(run: Mapping[str, Any], subject: Subject) -> Sequence[Value]:
    if subject.kind == "dataset":
        return _datasets(run, subject.key)
    part = run.get("info" if subject.kind == "attribute" else "data")
    if not isinstance(part, Mapping):
        return []
    if subject.kind == "param":
        return tag_values(part, subject.key, "params")
    if subject.kind == "tag":
        return tag_values(part, subject.key)
    if subject.kind == "metric":
        points = [each for each in maps_in(part.get("metrics")) if each.get("key") == subject.key]
        return [value for each in points for value in number(each.get("value", 0))][:1]
    if subject.key == "run_name":
        name = run_names.in_tags(as_map(run.get("data")).get("tags"))
        return [name] if name is not None else _text(part.get("run_name"))
    if subject.key == "run_id":
        return _text(part.get("run_id") or part.get("run_uuid"))
    if subject.key in _TIMES:
        return number(part.get(subject.key))
    return _text(part.get(subject.key))


def _datasets(run: Mapping[str, Any], key: str) -> list[Value]:
    found: list[Value] = []
    for each in maps_in(as_map(run.get("inputs")).get("dataset_inputs")):
        if key == "context":
            found += tag_values(each, _CONTEXT)
        else:
            found += _text(as_map(each.get("dataset")).get(key))
    return found


def _text(value: Any) -> list[Value]:
    return [str(value)] if value is not None else []


_TIMES = frozenset({"start_time", "end_time"})
_IDS = frozenset({"run_id", "run_name", "user_id"})
_FIRST = frozenset({"status", "artifact_uri"})
_ANY: frozenset[str] = frozenset()

KIND = SearchKind(
    noun="runs",
    field="runs",
    rules=(
        Rule("metric", _ANY, NUMBERS),
        Rule("param", _ANY, STRINGS),
        Rule("tag", _ANY, STRINGS),
        Rule("param", _ANY, NULLS, since(3, 14)),
        Rule("tag", _ANY, NULLS, since(3, 14)),
        Rule("attribute", _FIRST, STRINGS),
        Rule("attribute", _IDS, STRINGS, since(1, 30, 1)),
        Rule("attribute", frozenset({"start_time"}), NUMBERS, since(1, 28)),
        Rule("attribute", frozenset({"end_time"}), NUMBERS, since(1, 30, 1)),
        Rule("attribute", frozenset({"run_id"}), LISTS, since(2, 5)),
        Rule("dataset", frozenset({"name", "digest", "context"}), STRINGS | LISTS, since(2, 5)),
    ),
    orders=(
        Rule("metric", _ANY, ORDER),
        Rule("param", _ANY, ORDER),
        Rule("tag", _ANY, ORDER),
        Rule("attribute", _FIRST | _TIMES, ORDER),
        Rule("attribute", _IDS, ORDER, since(1, 30, 1)),
    ),
    numeric=_TIMES,
    aliases={**dict.fromkeys(_NAMES, "run_name"), **dict.fromkeys(("created", "Created"), "start_time")},
    read=_read,
    ties=((Subject("attribute", "start_time"), False), (Subject("attribute", "run_id"), True)),
    standard=(),
    page_limit=50_000,
    page_default=1000,
    longest_value=250,
)


def _understood(call: Call, dialects: Dialects) -> searches.Search | None:
    search = searches.understood(KIND, call, dialects)
    if search is None or dialects.server >= _DATASETS_JOINED_SINCE:
        return search
    subjects = [test.subject for test in search.tests] + [each.subject for each in search.sortings]
    if not _JOINED.intersection(subject.kind for subject in subjects):
        return search
    tests = (replace(test, native=False) if test.subject.kind == "dataset" else test for test in search.tests)
    return replace(search, tests=tuple(tests))


def _applies(call: Call, dialects: Dialects) -> bool:
    search = _understood(call, dialects)
    return search is None or (bool(search.foreign) or not search.orderable or _has_other_names(call, search, dialects))


def _search(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    search = _understood(call, dialects)
    if search is None:
        return (yield from searches.as_it_stands(call))
    if _has_other_names(call, search, dialects):
        call, search = _properly(call, search, dialects)
    if not search.orderable:
        return (yield from searches.whole(call, search, dialects))
    if not search.foreign:
        return (yield call)
    return (yield from searches.refill(call, search))


def _has_other_names(call: Call, search: searches.Search, dialects: Dialects) -> bool:
    """Whether something has another name on the server than the client uses."""
    subjects = [test.subject for test in search.tests] + [each.subject for each in search.sortings]
    if dialects.server < _RUN_NAMES_SINCE and _RUN_NAME in subjects:
        return True
    given = f"{call.arguments.get('filter')} {call.arguments.get('order_by')}"
    return dialects.server < _ALIASES_SINCE and any(name in given for name in KIND.aliases)


def _properly(call: Call, search: searches.Search, dialects: Dialects) -> tuple[Call, searches.Search]:
    """The same search with everything under the names that the server has."""
    arguments = dict(call.arguments)
    if search.tests:
        clauses = [
            f"{name} {test.clause.comparator} {test.clause.value}"
            if (name := _proper_name(test.subject, dialects))
            else test.clause.text
            for test in search.tests
        ]
        arguments["filter"] = " AND ".join(clauses)
    if search.sortings:
        arguments["order_by"] = [
            f"{name} {'ASC' if each.ascending else 'DESC'}" if (name := _proper_name(each.subject, dialects)) else entry
            for each, entry in zip(search.sortings, arguments["order_by"], strict=True)
        ]
    proper = Call(call.operation, arguments)
    return proper, _understood(proper, dialects) or search


def _proper_name(subject: Subject, dialects: Dialects) -> str:
    """An attribute's; nothing for whatever has only one name. A run's name is a tag everywhere, and was nothing else
    before 1.30.
    """
    if subject == _RUN_NAME and dialects.server < _RUN_NAMES_SINCE:
        return f"tags.`{run_names.TAG}`"
    return f"attributes.{subject.key}" if subject.kind == "attribute" else ""


_RUN_NAME = Subject("attribute", "run_name")

CHANGE = VersionChange(
    name="evaluate_run_filters",
    operations=frozenset({"SearchRuns"}),
    servers=(None, before(Version(3, 14))),
    applies=_applies,
    recipe=_search,
    when="filter or ordering are newer than the server",
    lost="orderings that the server does not know, of more than 20000 runs",
)
