"""What the demo plays on: two real servers, Tightrope between them, a folder, and the commands of an operator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
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
        self._tightrope: Tightrope | None = None

    def start_servers(self) -> None:
        """Start both MLflow servers, in parallel.

        Raises:
            LabError: one did not start.
        """
        start_all(self.blue, self.green)

    def start_tightrope(self) -> None:
        """Start Tightrope in front of the servers, in the phase `blue_only`.

        Raises:
            LabError: it did not start.
        """
        # Not before: only servers that have started are sure to keep their ports.
        self._tightrope = Tightrope(
            self.directory / "tightrope", blue=self.blue.url, green=self.green.url, phase="blue_only"
        )
        self._tightrope.start()

    def stop(self) -> None:
        """Stop everything that runs."""
        for each in (self._tightrope, self.blue, self.green):
            if each is not None:
                each.stop()

    @property
    def complete(self) -> bool:
        """Whether everything was started."""
        return self._tightrope is not None

    @property
    def tightrope(self) -> Tightrope:
        """The proxy.

        Raises:
            LabError: it was not started.
        """
        if self._tightrope is None:
            raise LabError("Tightrope was not started")
        return self._tightrope

    @property
    def on_blue(self) -> Reader:
        """Reads from blue directly."""
        return Reader(self.blue.url)

    @property
    def on_green(self) -> Reader:
        """Reads from green directly."""
        return Reader(self.green.url)

    @property
    def through(self) -> Reader:
        """Reads as clients do."""
        return Reader(self.tightrope.url)

    @property
    def logs(self) -> list[str]:
        """The log files that exist."""
        ours = [self._tightrope.log_path] if self._tightrope is not None else []
        return [str(path) for path in (*ours, self.blue.log_path, self.green.log_path) if path.exists()]

    def command(self, *arguments: str) -> str:
        """What an operator would type."""
        return f"tightrope {' '.join(arguments)} --admin-url {self.tightrope.admin_url}"

    def operate(self, *arguments: str) -> dict[str, Any]:
        """Run a command of the real CLI and return its JSON.

        Raises:
            LabError: it ended with an exit code other than 0, or printed no JSON.
        """
        command = [sys.executable, "-m", "proxy", *arguments]
        try:
            done = subprocess.run(
                [*command, "--admin-url", self.tightrope.admin_url, "--output", "json"],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                capture_output=True,
                text=True,
                timeout=_COMMAND_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            late = f"`{self.command(*arguments)}` did not end within {_COMMAND_TIMEOUT_S:g} s"
            raise LabError(late) from None
        said = tail(f"{done.stdout}\n{done.stderr}")
        try:
            answer: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            answer = {}
        if done.returncode != 0 or not answer:
            problem = f"`{self.command(*arguments)}` ended with exit code {done.returncode}"
            raise LabError(problem, output=str(answer.get("message") or said))
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
            return [answer_of(client, job[0]) for client, job in zip(clients, jobs, strict=True)]

    def train(self, versions: Iterable[str], *, url: str | None = None) -> dict[str, str]:
        """Run the training script with clients of several versions in parallel; returns run ids by version."""
        wanted = list(versions)
        answers = self.run_clients([(version, scripts.TRAIN, ()) for version in wanted], url=url)
        return {version: answer["run_id"] for version, answer in zip(wanted, answers, strict=True)}


def answer_of(client: Client, version: str) -> Any:
    """Wait for a client's end; returns the JSON it printed last.

    Raises:
        LabError: it failed, or printed none; shows the end of its output.
    """
    result = client.wait(_CLIENT_TIMEOUT_S)
    if result.exit_code != 0 or result.json is None:
        raise LabError(
            f"the MLflow {version} client ended with exit code {result.exit_code}",
            output=tail(f"{result.stdout}\n{result.stderr}"),
        )
    return result.json
