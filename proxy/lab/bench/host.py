"""What the benchmarks need from the machine (Linux): cores, processor time, memory and age of a process.

Elsewhere cores cannot be chosen and processes not be looked into; those figures are then missing (None).
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

_PROC = Path("/proc")
_SYNCS = 50
_LIBRARIES = ("mlflow-tightrope", "aiohttp", "uvloop", "orjson")


@dataclass(frozen=True, slots=True)
class Cores:
    """Who runs where; with two cores the stubs share one with the load generator, with one all share."""

    proxy: int | None
    load: int | None
    stubs: int | None


def choose_cores() -> Cores:
    """Cores for a benchmark, among those that this process may use."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores(None, None, None)
    cores = sorted(os.sched_getaffinity(0))
    return Cores(proxy=cores[0], load=cores[-1], stubs=cores[len(cores) // 2])


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Run this thread on one core, and everything that it starts meanwhile for good.

    Programs are pinned this way, by inheritance, because pinning a running process misses its other threads.
    """
    if core is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def group_of(pid: int) -> tuple[int, ...]:
    """The processes of a process group, itself included."""
    members = []
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        if int(fields[2]) == pid:
            members.append(int(stat.parent.name))
    return tuple(members)


def cpu_seconds(pids: Iterable[int]) -> float | None:
    """Processor time that processes have used so far, with all their threads; ns resolution.

    Every process has a clock, and on Linux its id follows from the process id (``clock_getcpuclockid(3)``;
    ``MAKE_PROCESS_CPUCLOCK`` in the kernel's ``posix-timers.h``). ``/proc/PID/stat`` counts in steps of 10 ms only.
    """
    if sys.platform != "linux":
        return None
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


def rss_mib(pid: int) -> float | None:
    """Resident memory of one process in MiB."""
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), None)


def age_s(pid: int) -> float | None:
    """Seconds since a process was started; resolution 10 ms."""
    if sys.platform != "linux":
        return None
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # "starttime" in proc(5), since boot
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def fdatasync_ms(directory: Path) -> float:
    """Median time to make 4 kB survive loss of power; well under 0.1 ms means that it would not survive."""
    path = directory / "sync.probe"
    took = []
    with path.open("wb") as file:
        for _ in range(_SYNCS):
            file.write(b"x" * 4096)
            file.flush()
            began = time.monotonic()
            getattr(os, "fdatasync", os.fsync)(file.fileno())  # macOS has no fdatasync
            took.append(time.monotonic() - began)
    path.unlink()
    return median(took) * 1000


def describe(directory: Path) -> dict[str, str | int | float]:
    """Where this was measured."""
    return {
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
        "fdatasync_ms": round(fdatasync_ms(directory), 2),
    }
