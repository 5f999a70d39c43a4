"""The contestants on a stub upstream: the stub itself, the peers, and Tightrope in three settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proxy.lab.bench.host import Cores, group_of, on_core
from proxy.lab.bench.loadgen import ask
from proxy.lab.bench.nginx import find_nginx
from proxy.lab.bench.programs import Program, start_nginx, start_plain_proxy, start_stub
from proxy.lab.bench.workloads import create_run
from proxy.lab.failures import LabError, tail_of
from proxy.lab.tightrope import Tightrope

DIRECT = "direct"
PLAIN = "plain aiohttp"
NGINX = "nginx"
NGINX_MIRROR = "nginx + mirror"
TRANSLATOR = "tightrope, translating only"
MIRRORING_PROCESS = "tightrope, mirroring (process)"
MIRRORING_POWER = "tightrope, mirroring (power)"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way from the load generator to the blue stub."""

    name: str
    port: int
    pids: tuple[int, ...]
    """The proxy's processes; none for `direct`."""
    mirrors: bool = False
    """Whether writes also go to the green stub."""
    tightrope: Tightrope | None = None
    runs: list[str] = field(default_factory=list)
    """Runs made through this variant; Tightrope then knows each by two ids, one per stub."""

    async def make_runs(self, number: int) -> None:
        """Create the runs to log to.

        Raises:
            LabError: one was refused.
        """
        for position in range(number):
            answer = await ask(self.port, create_run(position))
            if answer.status != 200:
                raise LabError(f"{self.name}: no run could be made: {answer.status} {answer.body[:300]!r}")
            self.runs.append(json.loads(answer.body)["run"]["info"]["run_id"])

    def pending(self) -> int:
        """Writes that Tightrope has still to mirror (0 for everyone else).

        Raises:
            LabError: some were parked, so what was measured was not mirroring.
        """
        if self.tightrope is None or not self.mirrors:
            return 0
        journal = self.tightrope.status()["journal"]
        if journal.get("parked"):
            log = tail_of(self.tightrope.log_path)
            raise LabError(f"{self.name}: {journal['parked']} writes were parked", output=log)
        return sum(journal.get(state, 0) for state in ("received", "answered", "in_doubt"))


@dataclass(frozen=True, slots=True)
class Field:
    """Everything that runs."""

    variants: Mapping[str, Variant]
    green: Program
    """The stub that gets mirrored writes."""
    skipped: str
    """Why some variants are missing; empty when all are there."""


def set_up(directory: Path, cores: Cores, stack: ExitStack) -> Field:
    """Start all of it; ``stack`` stops it."""
    blue = stack.enter_context(start_stub("blue", directory, cores.stubs))
    green = stack.enter_context(start_stub("green", directory, cores.stubs))
    variants = [Variant(DIRECT, blue.port, ())]
    plain = stack.enter_context(start_plain_proxy("plain", directory, cores.proxy, blue.port))
    variants.append(_of_program(PLAIN, plain))
    nginx = find_nginx()
    if nginx is not None:
        bare = start_nginx(nginx, "nginx", directory, cores.proxy, blue=blue.port)
        variants.append(_of_program(NGINX, stack.enter_context(bare)))
        mirror = start_nginx(nginx, "nginx-mirror", directory, cores.proxy, blue=blue.port, green=green.port)
        variants.append(_of_program(NGINX_MIRROR, stack.enter_context(mirror), mirrors=True))
    settings: dict[str, tuple[int | None, dict[str, Any]]] = {
        TRANSLATOR: (None, {}),
        MIRRORING_PROCESS: (green.port, {"journal": {"durability": "process"}}),
        MIRRORING_POWER: (green.port, {"journal": {"durability": "power"}}),
    }
    for number, (name, (green_port, further)) in enumerate(settings.items()):
        proxy = Tightrope(
            directory / f"tightrope-{number}",
            blue=f"http://127.0.0.1:{blue.port}",
            green=f"http://127.0.0.1:{green_port}" if green_port is not None else None,
            settings=further,
        )
        with on_core(cores.proxy):
            stack.enter_context(proxy)
        variants.append(Variant(name, proxy.port, group_of(proxy.pid), green_port is not None, proxy))
    skipped = "" if nginx is not None else "nginx is not installed, so it is left out (Debian: nginx-light)"
    return Field({variant.name: variant for variant in variants}, green, skipped)


def _of_program(name: str, program: Program, *, mirrors: bool = False) -> Variant:
    return Variant(name, program.port, group_of(program.pid), mirrors)
