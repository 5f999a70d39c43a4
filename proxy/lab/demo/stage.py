"""What the demo plays on: two real servers, Tightrope between them, a folder, and the commands of an operator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from proxy.lab.clients import Client, start_client
from proxy.lab.demo import scripts
from proxy.lab.demo.reading import Reader
from proxy.lab.failures import LabError, tail
from proxy.lab.recipes import parse_version
from proxy.lab.servers import MlflowServer, start_all
from proxy.lab.tightrope import Tightrope

_CLIENT_TIMEOUT_S = 180.0
_COMMAND_TIMEOUT_S = 180.0
_LOG_FOR_AT_MOST_S = 90.0
_POLL_S = 0.05

OLDEST = (1, 23, 0)
"""Servers pass artifacts on since this version; before, clients write them to the store past everybody."""


class Stage:
    """Both servers and Tightrope, not started yet.

    Args:
        blue: MLflow version of the old server.
        green: MLflow version of the new one.

    Raises:
        LabError: a version that the demo cannot play with.
    """

    def __init__(self, blue: str, green: str) -> None:
        for version in (blue, green):
            if parse_version(version) < OLDEST:
                raise LabError(
                    f"the demo needs MLflow {'.'.join(map(str, OLDEST))} or newer, not {version}",
                    hint="older clients write artifacts straight into the store; only the rest could be shown",
                )
        self.directory = Path(tempfile.mkdtemp(prefix="tightrope-demo-"))
        self.blue = MlflowServer(blue, self.directory / "blue")
        self.green = MlflowServer(green, self.directory / "green")
        self.tightrope = Tightrope(
            self.directory / "tightrope", blue=self.blue.url, green=self.green.url, phase="blue_only"
        )
        self.on_blue = Reader(self.blue.url)
        self.on_green = Reader(self.green.url)
        self.through = Reader(self.tightrope.url)

    @property
    def logs(self) -> list[str]:
        """The log files that exist."""
        paths = (self.tightrope.log_path, self.blue.log_path, self.green.log_path)
        return [str(path) for path in paths if path.exists()]

    def start_servers(self) -> None:
        """Both MLflow servers, in parallel; a port that was taken meanwhile is replaced by a free one.

        Raises:
            LabError: one did not start.
        """
        start_all(self.blue, self.green)

    def stop(self) -> None:
        """Everything that runs."""
        for each in (self.tightrope, self.blue, self.green):
            each.stop()

    def command(self, *arguments: str) -> str:
        """What an operator would type."""
        return f"tightrope {' '.join(arguments)} --admin-url {self.tightrope.admin_url}"

    def operate(self, *arguments: str) -> dict[str, Any]:
        """Run a command of the real CLI and return its JSON.

        Raises:
            LabError: it ended with an exit code other than 0, or printed no JSON.
        """
        done = subprocess.run(
            [sys.executable, "-m", "proxy", *arguments, "--admin-url", self.tightrope.admin_url, "--output", "json"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            capture_output=True,
            text=True,
            timeout=_COMMAND_TIMEOUT_S,
            check=False,
        )
        said = tail(f"{done.stdout}\n{done.stderr}")
        if done.returncode != 0:
            raise LabError(f"`{self.command(*arguments)}` ended with exit code {done.returncode}", output=said)
        try:
            answer: dict[str, Any] = json.loads(done.stdout)
        except ValueError as exc:
            raise LabError(f"`{self.command(*arguments)}` printed no JSON", output=said) from exc
        return answer

    def run_clients(self, jobs: Sequence[tuple[str, str, Sequence[str]]], *, url: str | None = None) -> list[Any]:
        """Run client scripts in parallel, retries off; returns the JSON that each printed last.

        Args:
            jobs: MLflow version, script and arguments of each.
            url: what they know as their tracking URI, Tightrope when None.

        Raises:
            LabError: one failed; shows the end of its output.
        """
        with ExitStack() as running:
            clients = [
                running.enter_context(start_client(version, script, tracking_uri=url or self.tightrope.url, args=args))
                for version, script, args in jobs
            ]
            return [_answer(client, job[0]) for client, job in zip(clients, jobs, strict=True)]

    def train(self, versions: Iterable[str], *, url: str | None = None) -> dict[str, str]:
        """Run the training script with clients of several versions in parallel; returns run ids by version."""
        wanted = list(versions)
        answers = self.run_clients([(version, scripts.TRAIN, ()) for version in wanted], url=url)
        return {version: answer["run_id"] for version, answer in zip(wanted, answers, strict=True)}


class Logging:
    """A client that logs one point after the other in the background; a context manager that ends it.

    Args:
        stage: where; it knows nothing but Tightrope's URL.
        version: its MLflow version.
        name: of the file that ends it.
    """

    def __init__(self, stage: Stage, version: str, name: str) -> None:
        self._version = version
        self._stop = stage.directory / name
        self._client = start_client(
            version,
            scripts.KEEP_LOGGING,
            tracking_uri=stage.tightrope.url,
            args=(str(self._stop), str(_LOG_FOR_AT_MOST_S)),
            retries=0,
        )

    @property
    def acknowledged(self) -> int:
        """Points that it has had an answer for."""
        return self._client.stdout().count("acknowledged ")

    def wait_for(self, more: int, timeout_s: float = 60.0) -> int:
        """Wait until so many further points were acknowledged; returns how many there are then.

        Raises:
            LabError: it ended, or took too long.
        """
        wanted = self.acknowledged + more
        deadline = time.monotonic() + timeout_s
        while (now := self.acknowledged) < wanted:
            if not self._client.running:
                _answer(self._client, self._version)
                raise LabError(f"the {self._version} client stopped logging after {now} points")
            if time.monotonic() > deadline:
                raise LabError(f"the {self._version} client logged {now} points and not {wanted} in {timeout_s:g} s")
            time.sleep(_POLL_S)
        return now

    def finish(self) -> Any:
        """Tell it to end; returns the JSON it printed last.

        Raises:
            LabError: it met an error; shows it.
        """
        self._stop.touch()
        return _answer(self._client, self._version)

    def __enter__(self) -> Logging:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop()


def _answer(client: Client, version: str) -> Any:
    result = client.wait(_CLIENT_TIMEOUT_S)
    if result.exit_code != 0 or result.json is None:
        raise LabError(
            f"the MLflow {version} client ended with exit code {result.exit_code}",
            output=tail(f"{result.stdout}\n{result.stderr}"),
        )
    return result.json
