"""A real MLflow tracking server of any version, started, stopped, crashed and frozen on demand."""

from __future__ import annotations

import http.client
import signal
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from proxy.lab.environments import Environment, ensure_environment
from proxy.lab.failures import LabError, tail_of
from proxy.lab.processes import GuardedProcess, free_port
from proxy.lab.recipes import parse_version

if TYPE_CHECKING:
    from typing_extensions import Self

_START_TIMEOUT_S = 120.0
_POLL_S = 0.05
_PORT_TAKEN = ("Address already in use", "address already in use", "Connection in use")
_PORT_ATTEMPTS = 3


class MlflowServer:
    """One MLflow server with its own directory, port and log; also a context manager.

    State (database, artifacts, port) outlives `stop` and `kill`, so `start` afterwards is a restart.

    Args:
        version: MLflow version, such as `2.22.4`.
        directory: made if missing; holds `mlflow.db`, `artifacts/` and `server.log`.
        port: a fixed port of 127.0.0.1, or None for a free one.
        backend: `sqlite`, or the URL of any database, such as `PostgresServer.url("blue")`.
        serve_artifacts: clients up- and download artifacts through the server (`mlflow-artifacts:` roots); otherwise
            clients write into `artifacts/` themselves.
        workers: web server processes.
        env: further environment variables.
        options: further arguments of `mlflow server`, such as `("--app-name", "basic-auth")`.
        extras: further requirements of its environment, such as `Flask-WTF`.
    """

    def __init__(
        self,
        version: str,
        directory: str | Path,
        *,
        port: int | None = None,
        backend: str = "sqlite",
        serve_artifacts: bool = True,
        workers: int = 1,
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        extras: Sequence[str] = (),
    ) -> None:
        parse_version(version)
        self.version = version
        self.directory = Path(directory).resolve()
        self.log_path = self.directory / "server.log"
        self.artifacts_path = self.directory / "artifacts"
        self.database_path = self.directory / "mlflow.db" if backend == "sqlite" else None
        """The SQLite file, None on another database."""
        self.backend = f"sqlite:///{self.database_path}" if backend == "sqlite" else backend
        self.serve_artifacts = serve_artifacts
        self.start_seconds: float | None = None
        """How long the last start took until /health answered."""
        self._port = port
        self._port_is_fixed = port is not None
        self._workers = workers
        self._env = dict(env or {})
        self._options = tuple(options)
        self._extras = tuple(extras)
        self._process: GuardedProcess | None = None

    @property
    def port(self) -> int:
        """Its TCP port; kept over restarts."""
        if self._port is None:
            self._port = free_port()
        return self._port

    @property
    def url(self) -> str:
        """Base URL, such as `http://127.0.0.1:23456`, fit for MLFLOW_TRACKING_URI."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of `mlflow server`, also the id of its process group.

        Raises:
            LabError: it was not started.
        """
        return self._started().pid

    @property
    def running(self) -> bool:
        """Whether any process of the server exists (also while paused)."""
        return self._process is not None and self._process.running

    def log_tail(self, lines: int = 25) -> str:
        """Return the last lines of the log of all its starts."""
        return tail_of(self.log_path, lines)

    def start(self, timeout_s: float = _START_TIMEOUT_S) -> Self:
        """Start it and wait until /health answers; does nothing if it runs.

        Raises:
            LabError: it ended or did not answer in time; shows the end of its log.
        """
        if self.running:
            return self
        environment = ensure_environment(self.version, self._extras)
        self.artifacts_path.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            log_began = self.log_path.stat().st_size if self.log_path.exists() else 0
            began = time.monotonic()
            self._process = GuardedProcess(
                self._command(environment),
                cwd=self.directory,
                env=environment.variables(self.directory, {**_settings(self.version), **self._env}),
                stdout=self.log_path,
            )
            if self._wait_until_healthy(began + timeout_s):
                self.start_seconds = time.monotonic() - began
                self._port_is_fixed = True  # clients may know it from now on
                return self
            exit_code = self._process.exit_code
            self._process.kill()
            taken = any(words in self._log_since(log_began) for words in _PORT_TAKEN)
            if not (taken and not self._port_is_fixed and attempt < _PORT_ATTEMPTS):
                break
            self._port = None
        raise LabError(
            f"MLflow {self.version} did not start: "
            + (f"no answer within {timeout_s:.0f} s" if exit_code is None else f"it ended with exit code {exit_code}"),
            tried=(" ".join(self._command(environment)),),
            output=self.log_tail(),
            hint=f"port {self.port} is taken" if taken else f"the whole log is {self.log_path}",
        )

    def stop(self, grace_s: float = 5.0) -> None:
        """Stop it as an operator would (SIGTERM, SIGKILL after `grace_s`); does nothing if it does not run."""
        if self._process is not None:
            self._process.stop(grace_s)

    def kill(self) -> None:
        """End all its processes with SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.kill()

    def pause(self) -> None:
        """Freeze all its processes: connections are accepted by the kernel but nothing answers."""
        self._started().signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause`."""
        self._started().signal(signal.SIGCONT)

    def is_healthy(self, timeout_s: float = 2.0) -> bool:
        """Ask /health once (before 1.10, which has none, the start page)."""
        path = "/health" if parse_version(self.version) >= (1, 10, 0) else "/"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"MlflowServer({self.version!r}, {str(self.directory)!r})"

    def _started(self) -> GuardedProcess:
        if self._process is None:
            raise LabError(f"MLflow {self.version} in {self.directory} was not started")
        return self._process

    def _wait_until_healthy(self, deadline: float) -> bool:
        process = self._started()
        while time.monotonic() < deadline:
            if not process.running:
                return False
            if self.is_healthy():
                # Somebody else's server on our port answers too; ours is then about to end, so look again.
                time.sleep(_POLL_S)
                return process.running
            time.sleep(_POLL_S)
        return False

    def _log_since(self, position: int) -> str:
        with self.log_path.open("rb") as log:
            log.seek(position)
            return log.read().decode("utf-8", "replace")

    def _command(self, environment: Environment) -> list[str]:
        command = [str(environment.bin("mlflow")), "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--workers", str(self._workers), "--backend-store-uri", self.backend]
        version = parse_version(self.version)
        # Proxied artifacts came with 1.23 as an option and became the default with 2.0.
        if self.serve_artifacts and version >= (1, 23, 0):
            command += ["--serve-artifacts", "--artifacts-destination", str(self.artifacts_path)]
            command += ["--default-artifact-root", "mlflow-artifacts:/"]
        else:
            command += ["--no-serve-artifacts"] if version >= (2, 0, 0) else []
            command += ["--default-artifact-root", str(self.artifacts_path)]
        return [*command, *self._options]


def start_all(*servers: MlflowServer) -> None:
    """Start several servers in parallel; if one fails, stop them all and raise its error.

    Raises:
        LabError: of the first server, in the order given, that did not start.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(servers))) as pool:
        starts = [pool.submit(server.start) for server in servers]
    errors = [error for start in starts if (error := start.exception())]
    if errors:
        for server in servers:
            server.stop()
        raise errors[0]


def _settings(version: str) -> dict[str, str]:
    """Environment variables a server of this version needs in the lab."""
    if parse_version(version) >= (3, 0, 0):
        # The job runner starts more processes and a queue that nothing here uses.
        return {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    return {}
