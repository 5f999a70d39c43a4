"""Filters and orderings of runs may name attributes bare: ``status = 'FINISHED'``, ``start_time DESC``.

Why: 1.x servers want ``attributes.status`` and answer 400 to a bare name. The prefix means the same everywhere.
Lost: nothing. Names that a server does not know at all stay as they are, and it says so.
Source: observed on 1.30.1 ("Invalid identifier 'status'. Columns should be specified as 'attribute.<key>' …").
"""

from __future__ import annotations

from typing import Any

from proxy.core.mlflow_version import Version
from proxy.core.versions import filters
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_ATTRIBUTES = frozenset(
    {"run_id", "run_name", "user_id", "status", "artifact_uri", "start_time", "end_time", "lifecycle_stage"}
)


def _prefix(call: Call, _: Dialects) -> Call:
    given = call.arguments
    changed = {}
    if given.get("filter") and (text := _filter(given["filter"])) != given["filter"]:
        changed["filter"] = text
    if given.get("order_by") and (entries := _order(given["order_by"])) != given["order_by"]:
        changed["order_by"] = entries
    return Call(call.operation, {**given, **changed}) if changed else call


def _filter(text: Any) -> Any:
    try:
        parts = filters.clauses(text) if isinstance(text, str) else ()
    except filters.FilterSyntaxError:
        return text
    if not any(_bare(part.identifier) for part in parts):
        return text
    return " AND ".join(f"attributes.{part.text}" if _bare(part.identifier) else part.text for part in parts)


def _order(entries: Any) -> Any:
    return [_entry(entry) for entry in entries] if isinstance(entries, list) else entries


def _entry(entry: Any) -> Any:
    try:
        bare = isinstance(entry, str) and _bare(filters.leading_identifier(entry))
    except filters.FilterSyntaxError:
        return entry
    return f"attributes.{entry.strip()}" if bare else entry


def _bare(identifier: filters.Identifier) -> bool:
    return not identifier.entity and not identifier.quoted and identifier.key in _ATTRIBUTES


CHANGE = VersionChange(
    name="prefix_run_attributes",
    operations=frozenset({"SearchRuns"}),
    servers=(None, before(Version(2, 0))),
    request=_prefix,
    when="the filter or the ordering names attributes without a prefix",
)
