"""How long to wait before delivering again, and when to stop trying alone."""

from __future__ import annotations

SERVER_ERRORS_BEFORE_PARKING = 8
"""A 5xx from a server that is otherwise healthy is permanent more often than not (MLflow answers 500 to a rename of a
deleted experiment); after this many the record is parked where people see it."""

TRY_LATER = frozenset({408, 425, 429, 502, 503, 504})
"""Statuses by which a server (or a balancer in front of it) says that it is busy or away, and nothing about the
request: asked again for as long as it takes."""


def delay_s(attempt: int, initial_s: float, max_s: float) -> float:
    """Seconds to wait before attempt ``attempt + 1``: doubles from ``initial_s`` up to ``max_s``."""
    return float(min(max_s, initial_s * 2 ** min(attempt - 1, 30)))
