"""Ratios with their spread: what the benchmarks have to say.

Two variants are compared within each round only, where they ran within seconds of each other; the median over the
rounds is the figure, and the lowest and highest round show how much it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours over theirs."""

    median: float
    low: float
    high: float
    rounds: int

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Compare figures of the same rounds, in the same order.

    Raises:
        ValueError: there are none, or not equally many.
    """
    found = [our / their for our, their in zip(ours, theirs, strict=True)]
    if not found:
        raise ValueError("no rounds to compare")
    return Ratio(median(found), min(found), max(found), len(found))


def percentile(rising: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0..1) of the values do not exceed ("nearest rank").

    Raises:
        ValueError: there are no values.
    """
    if not rising:
        raise ValueError("no values")
    return rising[max(ceil(share * len(rising)), 1) - 1]


def rotated(names: Sequence[str], turn: int) -> list[str]:
    """The order of one round: the beginning moves on, and every second round runs backwards.

    So no variant always follows the same other one, whose after-effects (dirty pages, heat) it would pay for.
    """
    start = turn % len(names)
    order = [*names[start:], *names[:start]]
    return order[::-1] if turn % 2 else order
