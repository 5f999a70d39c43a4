"""Stubs and peers as processes of their own, each on the core it is given."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from proxy.lab.bench.host import on_core
from proxy.lab.bench.nginx import nginx_config
from proxy.lab.failures import LabError, tail_of
from proxy.lab.processes import GuardedProcess, free_port

if TYPE_CHECKING:
    from typing_extensions import Self

_START_TIMEOUT_S = 20.0
_POLL_S = 0.02


class Program:
    """A server of the benchmark; running once made. A context manager that stops it.

    Args:
        name: for its log and for messages.
        command: program and arguments; it must listen on `port`.
        port: where it will answer, on 127.0.0.1.
        directory: working directory; made if missing.
        core: the core that it must stay on, None for any.

    Raises:
        LabError: it ended, or did not listen in time; shows the end of its log.
    """

    def __init__(self, name: str, command: Sequence[str], port: int, directory: Path, core: int | None) -> None:
        self.name = name
        self.port = port
        directory.mkdir(parents=True, exist_ok=True)
        log = directory / f"{name}.log"
        with on_core(core):
            self._process = GuardedProcess(command, cwd=directory, env=plain_environment(), stdout=log)
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not _listens(port):
            if not self._process.running or time.monotonic() > deadline:
                self._process.kill()
                raise LabError(f"{name} did not start", tried=(" ".join(command),), output=tail_of(log))
            time.sleep(_POLL_S)

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its process group."""
        return self._process.pid

    def stop(self) -> None:
        """End it."""
        self._process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def start_stub(name: str, directory: Path, core: int | None) -> Program:
    """A stub upstream."""
    return _start_module("stub", name, directory, core)


def start_plain_proxy(name: str, directory: Path, core: int | None, upstream: int) -> Program:
    """The plain aiohttp proxy in front of the server on port `upstream`."""
    return _start_module("plain_proxy", name, directory, core, f"http://127.0.0.1:{upstream}")


def start_nginx(
    program: str, name: str, directory: Path, core: int | None, *, blue: int, green: int | None = None
) -> Program:
    """Start nginx in front of the server on port `blue`, mirroring writes to the one on port `green` if given."""
    port = free_port()
    own = directory / name
    own.mkdir(parents=True, exist_ok=True)
    config = own / "nginx.conf"
    config.write_text(nginx_config(own, port, blue, green), encoding="utf-8")
    return Program(name, [program, "-p", str(own), "-c", str(config)], port, own, core)


def plain_environment() -> dict[str, str]:
    """Our environment without settings of Tightrope and MLflow, and with our modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TIGHTROPE_", "MLFLOW_"))}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _start_module(module: str, name: str, directory: Path, core: int | None, *arguments: str) -> Program:
    port = free_port()
    command = [sys.executable, "-m", f"proxy.lab.bench.{module}", str(port), *arguments]
    return Program(name, command, port, directory, core)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
