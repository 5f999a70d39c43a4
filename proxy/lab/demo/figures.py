"""Values out of a Prometheus text, as `/metrics` gives it. Pure."""

from __future__ import annotations

import re

_SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def total(text: str, name: str) -> float | None:
    """The sum of a metric over its labels; None when there is no such metric, which is not the same as 0.

    A metric with labels and without any value yet has only its `# TYPE` line, and counts as 0.
    """
    values = [float(found["value"]) for found in _samples(text) if found["name"] == name]
    declared = re.search(rf"^# TYPE {re.escape(name)} ", text, re.MULTILINE) is not None
    return sum(values) if values or declared else None


def by_label(text: str, name: str, label: str) -> dict[str, float]:
    """The values of a metric, by one of its labels; empty when there is no such metric."""
    found: dict[str, float] = {}
    for sample in _samples(text):
        if sample["name"] == name:
            value = dict(_LABEL.findall(sample["labels"] or "")).get(label, "")
            found[value] = found.get(value, 0.0) + float(sample["value"])
    return found


def _samples(text: str) -> list[re.Match[str]]:
    return [found for line in text.splitlines() if (found := _SAMPLE.match(line))]
