"""Prints results: rich tables for people, stable JSON for scripts.

Text that came from clients or servers may hold terminal control sequences; it is made harmless before it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 160


def console(*, stderr: bool = False) -> Console:
    """A console that takes text literally (no markup); wide where nobody looks at a screen."""
    found = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not found.is_terminal:
        found.width = _PIPE_WIDTH
    return found


def print_json(data: Any) -> None:
    """``data`` as indented JSON."""
    print(json.dumps(data, indent=2))


def say(text: str) -> None:
    """One line of plain text."""
    console().print(clean(text), soft_wrap=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table; nothing at all when there are no rows."""
    shown = Table(*columns, title=title, title_justify="left", title_style="bold")
    for column in shown.columns:
        column.overflow = "fold"
    for row in rows:
        shown.add_row(*(clean(str(value)) for value in row))
    if shown.row_count:
        console().print(shown)


def facts(rows: Iterable[tuple[str, Any]]) -> None:
    """Names and values, one pair per line."""
    shown = Table.grid(padding=(0, 2))
    for name, value in rows:
        shown.add_row(name, clean(str(value)))
    console().print(shown)


def clean(text: str) -> str:
    """``text`` without characters that could steer a terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def at(seconds: float | None) -> str:
    """A time, UTC to the second; ``-`` for none."""
    if seconds is None:
        return "-"
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")


def duration(seconds: float | None) -> str:
    """A duration for people: ``0.4 s``, ``3 min 20 s``, ``2 h 5 min``; ``-`` for none."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: float) -> str:
    """Bytes for people: ``512 B``, ``1.5 MiB``."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"
