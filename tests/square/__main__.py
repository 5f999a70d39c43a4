"""The whole square: ``python -m tests.square [--clients …] [--servers …] [--pairs BLUE:GREEN …] [--direct]``.

Every client on every server through Tightrope, then every client reads what every other one left. Prints a matrix
(works / declared to fail / unknown to the client / problems) and writes a report as JSON and Markdown.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.square.expected import Mode
from tests.square.grounds import Ground, PairGround
from tests.square.report import Cell, as_json, as_markdown, cell

CLIENTS = ("1.20.2", "1.30.1", "2.3.2", "2.9.2", "2.14.3", "2.22.4", "3.1.4", "3.17.2")
SERVERS = ("1.20.2", "1.30.1", "2.0.1", "2.5.0", "2.9.2", "2.22.4", "3.3.2", "3.10.1", "3.17.2")
PAIRS = ("2.22.4:3.17.2", "1.30.1:3.17.2")


def one_server(version: str, clients: Sequence[str], modes: Sequence[Mode], **chosen: Sequence[str]) -> list[Cell]:
    """All clients on one server, and each reading all others."""
    cells = []
    with tempfile.TemporaryDirectory(prefix="square-") as directory, Ground(version, Path(directory)) as ground:
        for client in clients:
            for mode in modes:
                if mode == "proxy" or client == version:
                    cells.append(told(cell(ground.battery(client, mode, **chosen))))
        for reader in clients:
            for writer in ground.left:
                cells.append(told(cell(ground.reading(reader, writer))))
    return cells


def two_servers(pair: str, clients: Sequence[str], **chosen: Sequence[str]) -> list[Cell]:
    """All clients while one server follows, a cutover, and each reading all others on the other server."""
    blue, green = pair.split(":")
    cells = []
    with tempfile.TemporaryDirectory(prefix="square-") as directory, PairGround(blue, green, Path(directory)) as ground:
        for client in clients:
            cells.append(told(cell(ground.battery(client, **chosen), ground.parked())))
        ground.cutover()
        for reader in clients:
            for writer in ground.left:
                cells.append(told(cell(ground.reading(reader, writer))))
    return cells


def told(done: Cell) -> Cell:
    """Say at once what came out."""
    _say(done.line)
    for problem in done.problems:
        _say(f"    {problem[:400]}")
    return done


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 if there is any problem."""
    parser = argparse.ArgumentParser(prog="python -m tests.square", description=__doc__.split("\n\n")[0])
    parser.add_argument("--clients", nargs="*", default=CLIENTS)
    parser.add_argument("--servers", nargs="*", default=SERVERS)
    parser.add_argument("--pairs", nargs="*", default=PAIRS, help="BLUE:GREEN")
    parser.add_argument("--direct", action="store_true", help="also each client straight on a server of its version")
    parser.add_argument("--only", nargs="*", default=(), help="names of operations")
    parser.add_argument("--without", nargs="*", default=(), help="names of operations")
    parser.add_argument("--report", type=Path, default=Path("square-report"), help="without .json and .md")
    asked = parser.parse_args(arguments)
    modes: tuple[Mode, ...] = ("direct", "proxy") if asked.direct else ("proxy",)
    chosen = {"only": asked.only, "without": asked.without}
    began, cells = time.monotonic(), []
    for version in asked.servers:
        cells += one_server(version, asked.clients, modes, **chosen)
    for pair in asked.pairs:
        cells += two_servers(pair, asked.clients, **chosen)
    Path(f"{asked.report}.json").write_text(json.dumps(as_json(cells), indent=1), encoding="utf-8")
    Path(f"{asked.report}.md").write_text(as_markdown(cells), encoding="utf-8")
    bad = sum(len(each.problems) for each in cells)
    _say(f"\n{as_markdown(cells)}\n{bad} problems in {time.monotonic() - began:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
