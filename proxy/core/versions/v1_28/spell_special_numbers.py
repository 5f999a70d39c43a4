"""Metric values may be bare ``NaN`` and ``Infinity`` tokens.

Why: they are no JSON, and servers up to 1.23 answer 500 to them, which clients repeat for minutes. Every server takes
the strings ``"NaN"`` and ``"Infinity"``, and as such they are read (see ``jsontext``): the body only has to be written
anew.
Lost: nothing.
Source: observed on 1.20.2, 1.23.1 and 1.28.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _applies(call: Call, _: Dialects) -> bool:
    return any(isinstance(value, str) for value in _values(call.arguments))


def _values(arguments: Mapping[str, Any]) -> list[Any]:
    metrics = arguments.get("metrics")
    listed = metrics if isinstance(metrics, list) else []
    return [arguments.get("value"), *(each.get("value") for each in listed if isinstance(each, dict))]


def _spell(call: Call, _: Dialects) -> Call:
    return Call(call.operation, dict(call.arguments), call.known_as)


CHANGE = VersionChange(
    name="spell_special_numbers",
    operations=frozenset({"LogMetric", "LogBatch"}),
    servers=(None, before(Version(1, 28))),
    applies=_applies,
    request=_spell,
    when="a metric is NaN or infinite",
)
