"""``python -m proxy.lab.bench [--quick] [--only stub|real|startup] [--json FILE]``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from proxy.lab.bench import on_real, on_stub, startup
from proxy.lab.bench.host import describe
from proxy.lab.bench.report import Report
from proxy.lab.failures import LabError

SUITES = ("startup", "stub", "real")
_STARTS = 5
_STARTS_QUICK = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suites asked for; 0 when all went well, 1 when one could not be measured."""
    asked = _parser().parse_args(arguments)
    suites = asked.only or SUITES
    report = Report()
    with tempfile.TemporaryDirectory(prefix="tightrope-bench-", dir=asked.directory) as directory:
        try:
            found = _run(suites, Path(directory), report, quick=asked.quick)
        except LabError as error:
            print(f"not measured: {error}", file=sys.stderr)
            return 1
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def _run(suites: Sequence[str], directory: Path, report: Report, *, quick: bool) -> dict[str, Any]:
    where = describe(directory)
    report.where(suites, where)
    found: dict[str, Any] = {"where": where, "quick": quick}
    if "startup" in suites:
        started = startup.measure(directory / "startup", _STARTS_QUICK if quick else _STARTS, report.tell)
        report.startup(started)
        found["startup"] = started.to_json()
    if "stub" in suites:
        effort = on_stub.QUICK if quick else on_stub.FULL
        carried = _on_fast_loop(on_stub.measure(directory / "stub", effort, report.tell))
        report.stub(carried)
        found["stub"] = carried.to_json()
    if "real" in suites:
        scenes = on_real.measure(directory / "real", on_real.QUICK if quick else on_real.FULL, report.tell)
        report.real(scenes)
        found["real"] = [scene.to_json() for scene in scenes]
    return found


def _on_fast_loop(work: Coroutine[Any, Any, on_stub.StubResult]) -> on_stub.StubResult:
    """The load generator must not be what is measured."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m proxy.lab.bench", description="What Tightrope costs, measured side by side with its peers."
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds; a look, not a measurement")
    parser.add_argument("--only", action="append", choices=SUITES, help="run this suite only; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything there")
    parser.add_argument(
        "--directory", type=Path, help="where databases and logs go for the time of the run (its disk is measured)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
