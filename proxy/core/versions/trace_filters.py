"""Filters on traces, for servers whose filter language is older than the client's.

What a server before 3.6 knows is left to it: ``=`` and ``!=`` on tags and metadata, the attributes that it has, and
from 3.4 on the names of spans. The other clauses are judged here, on the infos as the newer API shows them. Clauses on
what stands inside spans would mean reading every trace's file, so those are refused.
Source: ``SearchTraceUtils`` in ``mlflow/utils/search_utils.py`` of 2.14.3, 2.22.4, 3.3.2, 3.4.0, 3.5.1 and 3.17.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from proxy.core.json_sites import as_map, maps_in
from proxy.core.mlflow_version import Version
from proxy.core.versions import filters, jsontext, proto_times
from proxy.core.versions.wildcards import like

ATTRIBUTES = frozenset({"", "attribute", "attributes", "trace"})
_NUMBERS = frozenset({"timestamp", "timestamp_ms", "execution_time", "execution_time_ms"})
_TEXTS = frozenset({"request_id", "status", "name", "run_id"})
_NATIVE_TEXT_COMPARATORS = frozenset({"=", "!=", "IN", "NOT IN"})
_OURS = frozenset({"client_request_id", "end_time", "end_time_ms", "prompt"})
_INSIDE_SPANS = frozenset({"span", "issue"})
_SPAN_NAMES_SINCE = Version(3, 4)
_ORDERABLE_ONLY_LATER = frozenset({"end_time", "end_time_ms"})

LINKED_PROMPTS = "mlflow.linkedPrompts"


class UnsupportedClauseError(ValueError):
    """A clause that neither the server nor we can judge; the text names it and the server."""


@dataclass(frozen=True, slots=True)
class Split:
    """A filter in two parts: what the server judges, as text, and the clauses judged here."""

    theirs: str
    ours: tuple[filters.Clause, ...]


def split(text: Any, server: Version) -> Split:
    """Who judges which clause. A filter that cannot be taken apart is left to the server, which says what is wrong.

    Raises:
        UnsupportedClauseError: nobody can.
    """
    try:
        clauses = filters.clauses(text) if isinstance(text, str) else ()
    except filters.FilterSyntaxError:
        return Split(text, ())
    ours = tuple(clause for clause in clauses if _is_ours(clause, server))
    return Split(filters.join(clause for clause in clauses if clause not in ours), ours)


def check_order(entries: Any, server: Version) -> None:
    """Refuse orderings that the server lacks.

    Raises:
        UnsupportedClauseError: by the end of a trace.
    """
    for entry in entries if isinstance(entries, list) else []:
        try:
            name = filters.leading_identifier(str(entry))
        except filters.FilterSyntaxError:
            continue
        if name.entity in ATTRIBUTES and name.key in _ORDERABLE_ONLY_LATER:
            raise UnsupportedClauseError(
                f"An MLflow {server} server cannot order traces by {entry!r}; order by timestamp or execution_time."
            )


def fits(info: Mapping[str, Any], clauses: Iterable[filters.Clause]) -> bool:
    """Whether a version-3 info meets all clauses that are ours."""
    return all(_meets(info, clause) for clause in clauses)


def _is_ours(clause: filters.Clause, server: Version) -> bool:
    entity, key, comparator = clause.identifier.entity.lower(), clause.identifier.key, clause.comparator
    if entity == "span" and key == "name" and server >= _SPAN_NAMES_SINCE and comparator != "RLIKE":
        return False
    full_text = entity in ATTRIBUTES and key == "text"
    if entity in _INSIDE_SPANS or full_text or comparator == "RLIKE":
        raise UnsupportedClauseError(
            f"An MLflow {server} server cannot search traces by {clause.text!r}; "
            "leave the clause out, or upgrade the server to 3.6 or later."
        )
    if entity in {"tag", "tags", "metadata", "request_metadata"}:
        return comparator not in {"=", "!="}
    if entity in {"feedback", "expectation"}:
        return True
    if entity not in ATTRIBUTES or key in _NUMBERS:
        return False
    return key in _OURS or (key in _TEXTS and comparator not in _NATIVE_TEXT_COMPARATORS)


def _meets(info: Mapping[str, Any], clause: filters.Clause) -> bool:
    found = _values(info, clause.identifier)
    if clause.comparator == "IS NULL":
        return not found
    if clause.comparator == "IS NOT NULL":
        return bool(found)
    return any(_compare(each, clause.comparator, clause.value) for each in found)


def _values(info: Mapping[str, Any], name: filters.Identifier) -> list[Any]:
    """Everything that the clause may be about; empty when the trace has nothing of the kind."""
    entity, key = name.entity.lower(), name.key
    tags, metadata = as_map(info.get("tags")), as_map(info.get("trace_metadata"))
    if entity in {"tag", "tags"}:
        return _present(tags.get(key))
    if entity in {"metadata", "request_metadata"}:
        return _present(metadata.get(key))
    if entity in {"feedback", "expectation"}:
        return [_value_of(each, entity) for each in maps_in(info.get("assessments")) if _is_about(each, entity, key)]
    if key == "prompt":
        return _prompts(tags.get(LINKED_PROMPTS))
    if key in {"end_time", "end_time_ms"}:
        start, length = info.get("request_time"), info.get("execution_duration")
        return [(proto_times.timestamp_ms(start) or 0) + (proto_times.duration_ms(length) or 0)]
    attributes = {
        "client_request_id": info.get("client_request_id"),
        "request_id": info.get("trace_id"),
        "status": info.get("state"),
        "name": tags.get("mlflow.traceName"),
        "run_id": metadata.get("mlflow.sourceRun"),
    }
    return _present(attributes.get(key))


def _compare(value: Any, comparator: str, given: str) -> bool:
    text = value if isinstance(value, str) else jsontext.write(value).decode()
    wanted = filters.unquoted(given)
    if comparator in {"IN", "NOT IN"}:
        members = {filters.unquoted(part) for part in filters.members(given)}
        return (text in members) == (comparator == "IN")
    if comparator in {"LIKE", "ILIKE"}:
        return like(text, wanted, ignore_case=comparator == "ILIKE")
    if comparator in {"=", "!="}:
        same = text == wanted or (not isinstance(value, str) and _number(value) is not None and _equal(value, wanted))
        return same == (comparator == "=")
    left, right = _number(value), _number(wanted)
    if left is None or right is None:
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}.get(comparator, False)


def _is_about(assessment: Mapping[str, Any], kind: str, name: str) -> bool:
    named = assessment.get("assessment_name") == name
    return named and isinstance(assessment.get(kind), Mapping) and assessment.get("valid") is not False


def _value_of(assessment: Mapping[str, Any], kind: str) -> Any:
    held = assessment[kind]
    packed = held.get("serialized_value")
    return packed.get("value") if isinstance(packed, Mapping) else held.get("value")


def _prompts(text: Any) -> list[str]:
    linked = jsontext.parsed(f'{{"linked": {text or "[]"}}}').get("linked")
    return [f"{each.get('name')}/{each.get('version')}" for each in maps_in(linked)]


def _present(value: Any) -> list[Any]:
    return [] if value is None else [value]


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _equal(value: Any, wanted: str) -> bool:
    other = _number(wanted)
    return other is not None and float(value) == other
