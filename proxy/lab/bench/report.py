"""Tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from proxy.lab.bench import on_real
from proxy.lab.bench.on_stub import Cell, Slice, StubResult
from proxy.lab.bench.startup import StartupResult

_PIPE_WIDTH = 200
_SPREAD = "median of the rounds (lowest-highest)"
_SECONDS_PER_US = 1e-6


class Report:
    """Speaks to the reader; tables go to stdout, progress to stderr."""

    def __init__(self) -> None:
        self._console = Console(markup=False, highlight=False, emoji=False)
        self._progress = Console(stderr=True, markup=False, highlight=False, emoji=False)
        if not self._console.is_terminal:
            self._console.width = _PIPE_WIDTH

    def tell(self, text: str) -> None:
        """What is being done now."""
        self._progress.print(f"… {text}")

    def where(self, suites: Sequence[str], facts: Mapping[str, object]) -> None:
        """The first line: what is measured, and where."""
        found = ", ".join(f"{name} {value}" for name, value in facts.items())
        self._say(f"Overhead of Tightrope ({', '.join(suites)}), side by side with its peers, on: {found}")
        self._say(f"Only ratios mean anything: {_SPREAD}. Absolute numbers are for orientation on this machine.")

    def stub(self, result: StubResult) -> None:
        """One table per workload and concurrency."""
        for cell in result.cells:
            title = f"{cell.workload}, {cell.concurrency} at once (stub upstream; higher is better but for p50, p99)"
            columns = ("", "req/s here", "µs CPU", *cell.ratios(next(iter(cell.slices))))
            self._table(title, columns, (_stub_row(cell, name) for name in cell.slices))
        memory = ", ".join(f"{name} {found:.0f}" for name, found in result.rss_mib.items() if found is not None)
        self._say(f"Memory after all of this, MiB: {memory}")
        if result.skipped:
            self._say(f"Skipped: {result.skipped}")

    def real(self, results: Sequence[on_real.SceneResult]) -> None:
        """One table."""
        columns = ("blue → green", "request", "direct p50 ms", "direct p99 ms", "p50 ÷ direct", "p99 ÷ direct")
        rows = [
            (
                result.scene.title,
                step,
                f"{result.direct_ms(step, 0.5):.1f}",
                f"{result.direct_ms(step, 0.99):.1f}",
                str(result.compare(step, 0.5)),
                str(result.compare(step, 0.99)),
            )
            for result in results
            for step in result.direct
        ]
        self._table("Real servers, one client, mirroring with the journal on (lower is better)", columns, rows)

    def startup(self, result: StartupResult) -> None:
        """Three lines."""
        ready, memory = result.ready_s, result.rss_mib
        self._say(
            f"From process start to ready: {median(ready):.2f} s ({min(ready):.2f}-{max(ready):.2f}), "
            f"memory when idle: {median(memory):.0f} MiB ({min(memory):.0f}-{max(memory):.0f}), "
            f"{result.modules} modules loaded, none of mlflow, pandas, numpy ({len(ready)} starts)"
        )

    def _table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        shown = Table(title=title, title_justify="left", title_style="bold")
        for number, column in enumerate(columns):
            shown.add_column(column, justify="left" if number == 0 else "right", no_wrap=number == 0)
        for row in rows:
            shown.add_row(*row)
        self._console.print()
        self._console.print(shown)

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)


def _stub_row(cell: Cell, name: str) -> tuple[str, ...]:
    slices = cell.slices[name]
    ratios = (str(found) if found is not None else "-" for found in cell.ratios(name).values())
    return (name, f"{median(one.rate for one in slices):.0f}", _cpu_us(slices), *ratios)


def _cpu_us(slices: Sequence[Slice]) -> str:
    found = [one.cpu_s / one.requests for one in slices if one.cpu_s is not None]
    return f"{median(found) / _SECONDS_PER_US:.0f}" if found else "-"
