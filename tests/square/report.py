"""What came out, as a matrix of clients and servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.square.runs import Result


@dataclass(frozen=True)
class Cell:
    """One client in one setting."""

    client: str
    server: str
    mode: str
    writer: str | None
    ok: int
    declared: int
    unknown: int
    problems: tuple[str, ...]
    outcomes: Mapping[str, Mapping[str, Any]]

    @property
    def counts(self) -> str:
        """Works / declared to fail / unknown to the client, and problems if there are any."""
        bad = f" **{len(self.problems)}**" if self.problems else ""
        return f"{self.ok} / {self.declared} / {self.unknown}{bad}"

    @property
    def line(self) -> str:
        """One line for a terminal."""
        what = f"reads what {self.writer} wrote" if self.writer else "does everything"
        return f"{self.client} on {self.server} ({self.mode}) {what}: {self.counts}"


def cell(result: Result, parked: Sequence[str] = ()) -> Cell:
    """Sum up one result; a parked write is a problem."""
    problems = (*result.problems, *(f"parked: {line}" for line in parked))
    setting = result.setting
    return Cell(
        setting.client,
        setting.server,
        setting.mode,
        setting.writer,
        result.count("ok"),
        result.declared,
        result.count("unknown"),
        problems,
        result.operations,
    )


def as_json(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Everything."""
    return [
        {
            "client": each.client,
            "server": each.server,
            "mode": each.mode,
            "writer": each.writer,
            "problems": list(each.problems),
            "operations": dict(each.outcomes),
        }
        for each in cells
    ]


def as_markdown(cells: Sequence[Cell]) -> str:
    """A table per mode, readings summed up, and the list of problems."""
    parts = []
    for mode in sorted({each.mode for each in cells}):
        parts.append(_table([each for each in cells if each.mode == mode], mode))
    problems = [f"- {each.line.split(':')[0]}: {problem}" for each in cells for problem in each.problems]
    if problems:
        parts.append("\n".join(["## Problems", "", *problems]))
    return "\n\n".join(parts) + "\n"


def _table(cells: Sequence[Cell], mode: str) -> str:
    servers = list(dict.fromkeys(each.server for each in cells))
    rows = [
        f"## {mode}",
        "",
        "Works / fails as declared / unknown to the client, **problems**; below that, readings of what others left.",
        "",
        "| client | " + " | ".join(servers) + " |",
        "|---" * (len(servers) + 1) + "|",
    ]
    for client in dict.fromkeys(each.client for each in cells):
        texts = []
        for server in servers:
            mine = [each for each in cells if (each.client, each.server) == (client, server)]
            done = " ".join(each.counts for each in mine if each.writer is None)
            read = [each for each in mine if each.writer is not None]
            bad = sum(len(each.problems) for each in read)
            texts.append(f"{done}<br>read {sum(each.ok for each in read)}" + (f" **{bad}**" if bad else ""))
        rows.append(f"| {client} | " + " | ".join(texts) + " |")
    return "\n".join(rows)
