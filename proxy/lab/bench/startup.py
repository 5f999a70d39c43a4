"""How long Tightrope takes until it can serve, how much memory it holds then, and what it has imported."""

from __future__ import annotations

import json
import sys
import time
import urllib.error
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from proxy.lab.bench.host import age_s, rss_mib
from proxy.lab.bench.programs import plain_environment, start_stub
from proxy.lab.failures import LabError, tail_of
from proxy.lab.processes import GuardedProcess
from proxy.lab.tightrope import Tightrope

HEAVY = ("mlflow", "pandas", "numpy")
"""What a proxy must not load; the import contract says so about our own lines, this also about libraries."""

_READY_TIMEOUT_S = 30.0
_POLL_S = 0.005
_SETTLE_S = 1.0
_IMPORTS = f"""
import json, sys
import proxy.cli.main, proxy.wiring
print(json.dumps({{"modules": len(sys.modules), "heavy": [name for name in {HEAVY!r} if name in sys.modules]}}))
"""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StartupResult:
    """What the suite found."""

    ready_s: list[float]
    """From the start of the process until ``/readyz`` said yes, per start; resolution about 20 ms."""
    rss_mib: list[float]
    """Resident memory a second later, per start."""
    modules: int
    """Python modules loaded."""

    def to_json(self) -> dict[str, Any]:
        """All of it, with the medians."""
        return {**asdict(self), "ready_s_median": median(self.ready_s), "rss_mib_median": median(self.rss_mib)}


def measure(directory: Path, starts: int, tell: Tell) -> StartupResult:
    """Start Tightrope, mirroring between two stubs, a few times, each time with a new state.

    Raises:
        LabError: it did not become ready, this is not Linux, or it loads one of `HEAVY`.
    """
    tell("start-up, memory, modules")
    modules = _modules(directory)
    ready_s, memory = [], []
    with start_stub("startup-blue", directory, None) as blue, start_stub("startup-green", directory, None) as green:
        for number in range(starts):
            proxy = Tightrope(
                directory / f"startup-{number}",
                blue=f"http://127.0.0.1:{blue.port}",
                green=f"http://127.0.0.1:{green.port}",
            )
            with proxy:
                ready_s.append(_age_when_ready(proxy))
                time.sleep(_SETTLE_S)
                found = rss_mib(proxy.pid)
                if found is None:
                    raise LabError("the memory of a process can be read on Linux only")
                memory.append(found)
    return StartupResult(ready_s, memory, modules)


def _age_when_ready(proxy: Tightrope) -> float:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while True:
        try:
            proxy.admin("GET", "/readyz")
        except urllib.error.HTTPError as error:
            if time.monotonic() > deadline:
                raise LabError("Tightrope did not become ready", output=error.read().decode()) from error
            time.sleep(_POLL_S)
        else:
            age = age_s(proxy.pid)
            if age is None:
                raise LabError("the age of a process can be read on Linux only")
            return age


def _modules(directory: Path) -> int:
    directory.mkdir(parents=True, exist_ok=True)
    told, errors = directory / "imports.json", directory / "imports.log"
    told.unlink(missing_ok=True)
    process = GuardedProcess(
        [sys.executable, "-c", _IMPORTS], cwd=directory, env=plain_environment(), stdout=told, stderr=errors
    )
    if process.wait(_READY_TIMEOUT_S) != 0:
        raise LabError("proxy.wiring cannot be imported", output=tail_of(errors))
    found = json.loads(told.read_text(encoding="utf-8"))
    if found["heavy"]:
        raise LabError(f"Tightrope loads {', '.join(found['heavy'])}")
    return int(found["modules"])
