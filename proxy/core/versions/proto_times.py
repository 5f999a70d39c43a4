"""Points in time and durations as protobuf's JSON mapping writes them; the older trace API counts milliseconds.

``2026-11-24T20:45:20.564Z`` and ``0.011s``, with up to nine decimals.
Source: https://protobuf.dev/programming-guides/json/ (Timestamp, Duration).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")
_DURATION = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,9}))?s")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST_MS, _LAST_MS = -62135596800000, 253402300799999
"""The years 1 to 9999, which are all that a timestamp can say."""


def timestamp_ms(text: Any) -> int | None:
    """Milliseconds since the epoch, rounded down; None when it is no timestamp."""
    found = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        whole = datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00"))
    except ValueError:  # the 31st of February
        return None
    return (whole - _EPOCH) // timedelta(milliseconds=1) + _thousandths(found[2])


def duration_ms(text: Any) -> int | None:
    """Milliseconds of a duration; None when it is none."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    length = int(found[2]) * 1000 + _thousandths(found[3])
    return -length if found[1] else length


def timestamp(milliseconds: int) -> str:
    """A timestamp with as many decimals as servers write: none or three."""
    milliseconds = min(max(milliseconds, _FIRST_MS), _LAST_MS)
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds" if milliseconds % 1000 else "seconds").replace("+00:00", "Z")


def duration(milliseconds: int) -> str:
    """A duration with none or three decimals."""
    sign, length = "-" if milliseconds < 0 else "", abs(milliseconds)
    decimals = f".{length % 1000:03d}" if length % 1000 else ""
    return f"{sign}{length // 1000}{decimals}s"


def _thousandths(decimals: str | None) -> int:
    return int((decimals or "0").ljust(3, "0")[:3])
