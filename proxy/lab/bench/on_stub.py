"""Overhead on a stub upstream: how much one core of each proxy can carry, and what it adds to a request.

Load generator and stubs are Python themselves and share a core where there are only two, so for nginx *they* are the
limit and its req/s say little. Processor time per request does not depend on that: requests per second of processor
time ("per core") is the ceiling of each proxy, measured until mirrored writes have arrived.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from proxy.lab.bench.figures import Ratio, percentile, ratio, rotated
from proxy.lab.bench.host import choose_cores, cpu_seconds, on_core, rss_mib
from proxy.lab.bench.loadgen import Bounds, ask, run_load
from proxy.lab.bench.variants import DIRECT, NGINX_MIRROR, PLAIN, Field, Variant, set_up
from proxy.lab.bench.workloads import WORKLOADS, Workload, request
from proxy.lab.failures import LabError

CONCURRENCIES = (1, 32)
_DIFFERENT_REQUESTS = 20
_CATCH_UP_S = 60.0
_POLL_S = 0.02
_QUIET_S = 0.5

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    rounds: int
    bounds: Bounds
    """Of one slice."""


FULL = Effort(7, Bounds(4000, 0.8))
QUICK = Effort(3, Bounds(1000, 0.3))


@dataclass(frozen=True, slots=True)
class Slice:
    """One variant's turn in one round."""

    requests: int
    seconds: float
    """Until the client had its last answer."""
    settled_s: float
    """Until the green stub had its last write; the same as ``seconds`` for who does not mirror."""
    cpu_s: float | None
    """Processor time of the proxy until settled; None where it cannot be measured or there is no proxy."""
    p50_s: float
    p99_s: float
    mirrored: int
    """Requests that the green stub got."""

    @property
    def rate(self) -> float:
        """Requests per second as the client sees it."""
        return self.requests / self.seconds

    @property
    def delivered_rate(self) -> float:
        """Requests per second with the mirrored ones delivered."""
        return self.requests / self.settled_s

    @property
    def per_core(self) -> float | None:
        """Requests per second of the proxy's processor time."""
        return self.requests / self.cpu_s if self.cpu_s else None


@dataclass(frozen=True, slots=True)
class Cell:
    """All slices of one workload at one concurrency; the lists of all variants run over the same rounds."""

    workload: str
    concurrency: int
    slices: dict[str, list[Slice]]

    def compare(self, name: str, base: str, figure: Callable[[Slice], float | None]) -> Ratio | None:
        """A figure of one variant over that of another, round by round; None where either is missing."""
        ours = [figure(slice_) for slice_ in self.slices[name]]
        theirs = [figure(slice_) for slice_ in self.slices.get(base, ())]
        if not theirs or None in ours or None in theirs:
            return None
        return ratio([value for value in ours if value is not None], [value for value in theirs if value is not None])

    def to_json(self) -> dict[str, Any]:
        """Every slice, and the ratios of the report."""
        return {
            "workload": self.workload,
            "concurrency": self.concurrency,
            "variants": {
                name: {
                    "slices": [asdict(slice_) for slice_ in slices],
                    **{title: asdict(found) for title, found in self.ratios(name).items() if found is not None},
                }
                for name, slices in self.slices.items()
            },
        }

    def ratios(self, name: str) -> dict[str, Ratio | None]:
        """What the report shows of a variant."""
        return {
            "req/s ÷ aiohttp": self.compare(name, PLAIN, lambda one: one.rate),
            "delivered/s ÷ nginx+mirror": self.compare(name, NGINX_MIRROR, lambda one: one.delivered_rate),
            "per core ÷ aiohttp": self.compare(name, PLAIN, lambda one: one.per_core),
            "per core ÷ nginx+mirror": self.compare(name, NGINX_MIRROR, lambda one: one.per_core),
            "p50 ÷ direct": self.compare(name, DIRECT, lambda one: one.p50_s),
            "p99 ÷ direct": self.compare(name, DIRECT, lambda one: one.p99_s),
        }


@dataclass(frozen=True, slots=True)
class StubResult:
    """What the suite found."""

    cells: list[Cell]
    rss_mib: dict[str, float | None]
    """Memory of each proxy's largest process after all of it."""
    skipped: str

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return {"cells": [cell.to_json() for cell in self.cells], "rss_mib": self.rss_mib, "skipped": self.skipped}


async def measure(directory: Path, effort: Effort, tell: Tell) -> StubResult:
    """Run the suite.

    Raises:
        LabError: something could not be started, or an answer was an error.
    """
    cores = choose_cores()
    with ExitStack() as stack:
        field = set_up(directory, cores, stack)
        stack.enter_context(on_core(cores.load))
        for variant in field.variants.values():
            await variant.make_runs(max(CONCURRENCIES))
        cells = []
        for workload in WORKLOADS:
            for concurrency in CONCURRENCIES:
                tell(f"stub: {workload.name}, {concurrency} at once")
                cells.append(await _cell(field, workload, concurrency, effort))
        memory = {variant.name: _largest(variant.pids) for variant in field.variants.values() if variant.pids}
    return StubResult(cells, memory, field.skipped)


async def _cell(field: Field, workload: Workload, concurrency: int, effort: Effort) -> Cell:
    slices: dict[str, list[Slice]] = {name: [] for name in field.variants}
    warm_up = Bounds(effort.bounds.requests // 10, effort.bounds.seconds / 2)
    for variant in field.variants.values():
        await _slice(field, variant, workload, concurrency, warm_up)
    for turn in range(effort.rounds):
        for name in rotated(list(field.variants), turn):
            found = await _slice(field, field.variants[name], workload, concurrency, effort.bounds)
            slices[name].append(found)
    return Cell(workload.name, concurrency, slices)


async def _slice(field: Field, variant: Variant, workload: Workload, concurrency: int, bounds: Bounds) -> Slice:
    """One turn; the next one begins only when this one's mirrored writes have arrived."""
    requests = [
        [workload.request(run, number) for number in range(_DIFFERENT_REQUESTS)] for run in variant.runs[:concurrency]
    ]
    writes_before, _ = await _seen(field)
    cpu_before = cpu_seconds(variant.pids)
    burst = await run_load(variant.port, requests, bounds)
    settled_s, mirrored = burst.seconds, 0
    if workload.writes and variant.mirrors:
        mirrored, last = await _caught_up(field, variant, writes_before, burst.requests)
        settled_s = max(burst.seconds, last - burst.began)
    cpu_after = cpu_seconds(variant.pids)
    cpu_s = cpu_after - cpu_before if variant.pids and cpu_after is not None and cpu_before is not None else None
    p50_s, p99_s = percentile(burst.latencies_s, 0.5), percentile(burst.latencies_s, 0.99)
    return Slice(burst.requests, burst.seconds, settled_s, cpu_s, p50_s, p99_s, mirrored)


async def _caught_up(field: Field, variant: Variant, before: int, expected: int) -> tuple[int, float]:
    """Wait for the green stub; returns how many writes it got and when the last one came.

    The stub is asked, not the proxy, so that asking costs the proxy nothing. A proxy that puts several writes into
    one sends fewer; then a while without writes and an empty journal say that all is delivered.
    """
    deadline = monotonic() + _CATCH_UP_S
    while monotonic() < deadline:
        writes, last = await _seen(field)
        quiet = monotonic() - last > _QUIET_S
        if writes - before >= expected or (quiet and variant.tightrope is not None and variant.pending() == 0):
            await asyncio.sleep(_POLL_S)  # what the proxy notes after the answer belongs to it, too
            return writes - before, last
        await asyncio.sleep(_POLL_S)
    writes, _ = await _seen(field)
    raise LabError(f"{variant.name}: {writes - before} of {expected} writes were mirrored within {_CATCH_UP_S:g} s")


async def _seen(field: Field) -> tuple[int, float]:
    told = json.loads((await ask(field.green.port, request("GET", "/_stub/writes"))).body)
    return told["writes"], told["last"]


def _largest(pids: tuple[int, ...]) -> float | None:
    return max((found for pid in pids if (found := rss_mib(pid)) is not None), default=None)
