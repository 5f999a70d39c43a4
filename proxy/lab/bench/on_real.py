"""Overhead on real servers: one client that logs and reads, directly and through a mirroring Tightrope, in turns.

Green stands for another machine. Here it shares this one, so it runs at the lowest priority and every pair begins
only when it has received the write of the pair before; otherwise the *direct* requests would pay for it, too.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from proxy.lab.bench.figures import Ratio, percentile, ratio
from proxy.lab.failures import LabError, tail_of
from proxy.lab.servers import MlflowServer, start_all
from proxy.lab.tightrope import Tightrope

_API = "/api/2.0/mlflow/runs"
_WARM_UP = 20
_LOWEST_PRIORITY = 19
_DRAIN_POLL_S = 0.005
_DRAIN_TIMEOUT_S = 30.0
_STEPS = ("log-metric", "runs/get")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """Which servers, and which client."""

    blue: str
    green: str
    client: str
    """MLflow version that the client's User-Agent tells."""
    workers: int = 1

    @property
    def title(self) -> str:
        """For the report."""
        workers = f", {self.workers} workers" if self.workers > 1 else ""
        client = f", {self.client} client (translated)" if self.client != self.blue else ""
        return f"{self.blue}{workers} → {self.green}{client}"


SCENES = (
    Scene("3.17.2", "3.17.2", "3.17.2"),
    Scene("3.17.2", "3.17.2", "3.17.2", workers=2),
    Scene("1.30.1", "3.17.2", "1.30.1"),
    Scene("1.30.1", "3.17.2", "3.17.2"),
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: blocks of pairs; a ratio is taken in each block."""

    blocks: int
    pairs: int


FULL = Effort(4, 100)
QUICK = Effort(2, 50)


@dataclass(frozen=True, slots=True)
class SceneResult:
    """Latencies per step and block, rising, in seconds."""

    scene: Scene
    direct: dict[str, list[list[float]]] = field(default_factory=dict)
    proxied: dict[str, list[list[float]]] = field(default_factory=dict)

    def compare(self, step: str, share: float) -> Ratio:
        """Proxied over direct, block by block."""
        return ratio(
            [percentile(block, share) for block in self.proxied[step]],
            [percentile(block, share) for block in self.direct[step]],
        )

    def direct_ms(self, step: str, share: float) -> float:
        """A percentile of all direct requests, for orientation."""
        return percentile(sorted(value for block in self.direct[step] for value in block), share) * 1000

    def to_json(self) -> dict[str, Any]:
        """Ratios, and the direct latency for orientation."""
        return {
            **asdict(self.scene),
            "steps": {
                step: {
                    "p50": asdict(self.compare(step, 0.5)),
                    "p99": asdict(self.compare(step, 0.99)),
                    "direct_p50_ms": round(self.direct_ms(step, 0.5), 2),
                    "direct_p99_ms": round(self.direct_ms(step, 0.99), 2),
                }
                for step in self.direct
            },
        }


def measure(directory: Path, effort: Effort, tell: Tell) -> list[SceneResult]:
    """Run all scenes.

    Raises:
        LabError: a server could not be started, an answer was an error, or a write was parked.
    """
    results = []
    for number, scene in enumerate(SCENES):
        tell(f"real: {scene.title}")
        results.append(_play(scene, directory / f"scene-{number}", effort))
    return results


def _play(scene: Scene, directory: Path, effort: Effort) -> SceneResult:
    blue = MlflowServer(scene.blue, directory / "blue", workers=scene.workers)
    green = MlflowServer(scene.green, directory / "green")
    proxy = Tightrope(directory / "tightrope", blue=blue.url, green=green.url)
    try:
        start_all(blue, green)
        os.setpriority(os.PRIO_PGRP, green.pid, _LOWEST_PRIORITY)
        with proxy:
            return _measured(scene, blue, proxy, effort)
    finally:
        blue.stop()
        green.stop()


def _measured(scene: Scene, blue: MlflowServer, proxy: Tightrope, effort: Effort) -> SceneResult:
    direct = _Client(blue.port, scene.client)
    proxied = _Client(proxy.port, scene.client)
    for _ in range(_WARM_UP):
        direct.steps()
        proxied.steps()
    result = SceneResult(scene)
    for _ in range(effort.blocks):
        took: dict[str, list[dict[str, float]]] = {"direct": [], "proxied": []}
        for number in range(effort.pairs):
            _drain(proxy)
            if number % 2:
                took["proxied"].append(proxied.steps())
                _drain(proxy)
                took["direct"].append(direct.steps())
            else:
                took["direct"].append(direct.steps())
                took["proxied"].append(proxied.steps())
        for step in _STEPS:
            result.direct.setdefault(step, []).append(sorted(one[step] for one in took["direct"]))
            result.proxied.setdefault(step, []).append(sorted(one[step] for one in took["proxied"]))
    direct.close()
    proxied.close()
    return result


class _Client:
    """Logs to a run of its own and reads it, over one keep-alive connection, as MLflow's client does.

    ``http.client`` is what that client stands on (requests, urllib3), with its way of sending and its TCP options.
    """

    def __init__(self, port: int, version: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._agent = f"mlflow-python-client/{version}"
        self._number = 0
        body = _json({"experiment_id": "0", "start_time": 1_700_000_000_000, "tags": []})
        self._run = str(json.loads(self._call("POST", f"{_API}/create", body))["run"]["info"]["run_id"])

    def steps(self) -> dict[str, float]:
        """Both steps once; seconds each took."""
        self._number += 1
        point = {"key": "loss", "value": self._number / 7, "timestamp": 1_700_000_000_000, "step": self._number}
        body = _json({"run_uuid": self._run, "run_id": self._run, **point})
        began = time.monotonic()
        self._call("POST", f"{_API}/log-metric", body)
        logged = time.monotonic()
        self._call("GET", f"{_API}/get?run_uuid={self._run}&run_id={self._run}", None)
        return dict(zip(_STEPS, (logged - began, time.monotonic() - logged), strict=True))

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _call(self, method: str, path: str, body: bytes | None) -> bytes:
        headers = {"User-Agent": self._agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:  # a benchmark of errors is worthless
            raise LabError(f"{method} {path}: {answer.status} {content[:300].decode('utf-8', 'replace')}")
        return content


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _drain(proxy: Tightrope) -> None:
    """Wait until green has everything."""
    deadline = time.monotonic() + _DRAIN_TIMEOUT_S
    while True:
        journal = proxy.status()["journal"]
        if journal.get("parked"):
            raise LabError(f"{journal['parked']} writes were parked", output=tail_of(proxy.log_path))
        if not any(journal.get(state, 0) for state in ("received", "answered", "in_doubt")):
            return
        if time.monotonic() > deadline:
            raise LabError(f"green did not catch up within {_DRAIN_TIMEOUT_S:g} s: {journal}")
        time.sleep(_DRAIN_POLL_S)
