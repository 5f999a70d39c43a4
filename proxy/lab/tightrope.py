"""Tightrope itself as a process of its own, as an operator runs it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from proxy.lab.failures import LabError, tail_of
from proxy.lab.processes import GuardedProcess, free_port

if TYPE_CHECKING:
    from typing_extensions import Self

_START_TIMEOUT_S = 30.0
_POLL_S = 0.02


class Tightrope:
    """One proxy between ``blue`` and ``green``; state and ports outlive ``stop`` and ``kill``.

    Args:
        directory: made if missing; holds ``tightrope.json`` (its configuration), ``tightrope.db`` and its log.
        blue: URL of the blue server.
        green: URL of the green server; None for a pure translator.
        phase: phase of a new state.
        settings: further configuration, merged section by section, e.g. ``{"mirror": {"concurrency": 2}}``.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        blue: str,
        green: str | None = None,
        phase: str = "mirroring",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.directory = Path(directory).resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.log_path = self.directory / "tightrope.log"
        self.config_path = self.directory / "tightrope.json"
        self.port = free_port()
        self.admin_port = free_port()
        self._process: GuardedProcess | None = None
        config: dict[str, Any] = {
            "listen": {"host": "127.0.0.1", "port": self.port},
            "admin": {"host": "127.0.0.1", "port": self.admin_port},
            "blue": {"url": blue},
            "state": {"url": f"sqlite:///{self.directory / 'tightrope.db'}"},
            "phase": phase if green is not None else "blue_only",
            "log": {"level": "info"},
        }
        if green is not None:
            config["green"] = {"url": green}
        for section, values in (settings or {}).items():
            config[section] = {**config.get(section, {}), **values} if isinstance(values, Mapping) else values
        self.config_path.write_text(json.dumps(config, indent=2))  # JSON is YAML

    @property
    def url(self) -> str:
        """What clients set as MLFLOW_TRACKING_URI."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin_url(self) -> str:
        """Where operators connect."""
        return f"http://127.0.0.1:{self.admin_port}"

    @property
    def pid(self) -> int:
        """Process id of the proxy."""
        if self._process is None:
            raise LabError("Tightrope was not started")
        return self._process.pid

    def start(self, timeout_s: float = _START_TIMEOUT_S) -> Self:
        """Start it and wait until it listens (``/healthz``).

        Raises:
            LabError: it ended or did not listen in time; shows the end of its log.
        """
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("TIGHTROPE_", "MLFLOW_"))}
        self._process = GuardedProcess(
            [sys.executable, "-m", "proxy", "serve", "-c", str(self.config_path)],
            cwd=self.directory,
            env={**keep, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdout=self.log_path,
        )
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and self._process.running:
            try:
                self.admin("GET", "/healthz")
            except (OSError, urllib.error.URLError):
                time.sleep(_POLL_S)
            else:
                return self
        self._process.kill()
        raise LabError("Tightrope did not start", output=tail_of(self.log_path, 30), hint=f"log: {self.log_path}")

    def stop(self, grace_s: float = 15.0) -> None:
        """SIGTERM, as an operator would."""
        if self._process is not None:
            self._process.stop(grace_s)

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.signal(signal.SIGKILL)
            self._process.kill()

    def admin(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call the operator API; returns the parsed answer (text where it is not JSON).

        Raises:
            urllib.error.HTTPError: the API refused; its body says why.
        """
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            self.admin_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Tightrope-Actor": "lab"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            text = answer.read().decode()
        return json.loads(text) if text[:1] in {"{", "["} else text

    def status(self) -> dict[str, Any]:
        """The status view."""
        found: dict[str, Any] = self.admin("GET", "/api/v1/status")
        return found

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        lines = str(self.admin("GET", "/metrics")).splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def wait_drained(self, timeout_s: float = 60.0) -> dict[str, Any]:
        """Wait until nothing is pending.

        Raises:
            LabError: something still is.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            status = self.status()
            waiting = {state: status["journal"].get(state, 0) for state in ("received", "answered", "in_doubt")}
            if not any(waiting.values()):
                return status
            if time.monotonic() > deadline:
                raise LabError(f"not drained within {timeout_s:g} s: {waiting}", output=tail_of(self.log_path, 30))
            time.sleep(0.1)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
