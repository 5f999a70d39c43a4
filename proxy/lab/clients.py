"""Run a Python script with a real MLflow client of any version."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from proxy.lab.environments import ensure_environment
from proxy.lab.failures import LabError, tail
from proxy.lab.processes import GuardedProcess

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclass(frozen=True)
class ClientResult:
    """What a client script left behind."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    """From the start of the interpreter to its end, so imports included."""

    @property
    def json(self) -> Any:
        """The last line of stdout as JSON, None when it is none."""
        lines = self.stdout.rstrip().splitlines()
        try:
            return json.loads(lines[-1]) if lines else None
        except ValueError:
            return None

    def check(self) -> ClientResult:
        """Return itself if the script succeeded.

        Raises:
            LabError: the exit code is not 0; shows the end of its stderr.
        """
        if self.exit_code != 0:
            raise LabError(f"the client script ended with exit code {self.exit_code}", output=tail(self.stderr))
        return self


class Client:
    """A client script that runs in the background; also a context manager that ends it. Made by `start_client`."""

    def __init__(self, process: GuardedProcess, directory: Path) -> None:
        self.process = process
        self.directory = directory
        """Its working and home folder; removed by `wait` and `stop`."""
        self._began = time.monotonic()
        self._result: ClientResult | None = None

    @property
    def running(self) -> bool:
        """Whether the script still runs."""
        return self._result is None and self.process.running

    def stdout(self) -> str:
        """Return what it has printed so far."""
        return self._result.stdout if self._result else self._read("stdout")

    def wait(self, timeout_s: float | None = None) -> ClientResult:
        """Wait for its end and return the result.

        Raises:
            LabError: it still ran after `timeout_s`, and was killed.
        """
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            result = self._finish(self.process.kill())
            raise LabError(
                f"the client script still ran after {timeout_s} s and was killed",
                output=tail(f"{result.stdout}\n{result.stderr}"),
            ) from None
        return self._finish(code)

    def stop(self, grace_s: float = 2.0) -> ClientResult:
        """End it (SIGTERM, SIGKILL after `grace_s`) and return what it left behind."""
        return self._finish(self.process.stop(grace_s))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _finish(self, exit_code: int) -> ClientResult:
        if self._result is None:
            seconds = time.monotonic() - self._began
            self._result = ClientResult(exit_code, self._read("stdout"), self._read("stderr"), seconds)
            shutil.rmtree(self.directory, ignore_errors=True)
        return self._result

    def _read(self, name: str) -> str:
        return (self.directory / name).read_text(encoding="utf-8", errors="replace")


def start_client(
    version: str,
    script: str | Path,
    *,
    tracking_uri: str,
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    retries: int | None = 0,
    extras: Sequence[str] = (),
) -> Client:
    """Start a script in the background, in a client environment and an empty folder of its own.

    Args:
        version: MLflow version of the client.
        script: a file, or the source itself.
        tracking_uri: what the script finds in MLFLOW_TRACKING_URI.
        args: arguments of the script.
        env: further environment variables; they win.
        retries: how often a failed HTTP request is repeated; 0 shows failures at once, None keeps MLflow's default
            (5 or 7 times with back-off). Honoured from 1.28 on; older clients always retry.
        extras: further requirements of the environment.

    Raises:
        LabError: the environment cannot be made.
    """
    environment = ensure_environment(version, extras)
    directory = Path(tempfile.mkdtemp(prefix="tightrope-client-"))
    if isinstance(script, Path):
        path = script.resolve()
    else:
        path = directory / "script.py"  # a file rather than -c, so that tracebacks show source lines
        path.write_text(script, encoding="utf-8")
    settings = {"MLFLOW_TRACKING_URI": tracking_uri}
    if retries is not None:
        settings["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = str(retries)
    try:
        process = GuardedProcess(
            [str(environment.python), str(path), *args],
            cwd=directory,
            env=environment.variables(directory, {**settings, **(env or {})}),
            stdout=directory / "stdout",
            stderr=directory / "stderr",
        )
    except LabError:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return Client(process, directory)


def run_client(
    version: str,
    script: str | Path,
    *,
    tracking_uri: str,
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    timeout_s: float = 120,
    retries: int | None = 0,
    extras: Sequence[str] = (),
) -> ClientResult:
    """Run a script to its end; arguments as in `start_client`. A failing script is a result, see `check`.

    Raises:
        LabError: the environment cannot be made, or the script ran longer than `timeout_s`.
    """
    client = start_client(
        version, script, tracking_uri=tracking_uri, args=args, env=env, retries=retries, extras=extras
    )
    with client:
        return client.wait(timeout_s)
