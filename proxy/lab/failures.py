"""The one exception of the lab: something real could not be prepared, started or reached."""

from __future__ import annotations

from pathlib import Path

TAIL_LINES = 25


class LabError(Exception):
    """A server, client or environment of the lab failed.

    Stands outside the tree in `proxy.errors` on purpose: none of these ever reaches an MLflow client.

    Args:
        message: what was wanted and what happened, one line.
        tried: the commands or alternatives tried, in order.
        output: the last lines of the program that failed.
        hint: what a person can do about it.
    """

    def __init__(self, message: str, *, tried: tuple[str, ...] = (), output: str = "", hint: str = "") -> None:
        self.message = message
        self.tried = tried
        self.output = output
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        parts = [self.message]
        parts += [f"tried: {attempt}" for attempt in self.tried]
        if self.output:
            parts.append("last lines of output:\n" + "\n".join(f"  | {line}" for line in self.output.splitlines()))
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "\n".join(parts)


def tail(text: str, lines: int = TAIL_LINES) -> str:
    """Return the last `lines` lines of `text`."""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def tail_of(path: Path, lines: int = TAIL_LINES) -> str:
    """Return the last `lines` lines of a log file, or an empty string if it does not exist yet."""
    try:
        return tail(path.read_text(encoding="utf-8", errors="replace"), lines)
    except FileNotFoundError:
        return ""
