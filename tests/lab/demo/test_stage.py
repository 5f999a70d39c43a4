"""Operators' commands and clients' results, as the demo takes them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from proxy.lab.clients import Client, ClientResult
from proxy.lab.demo.stage import Stage, answer_of
from proxy.lab.failures import LabError
from proxy.lab.tightrope import Tightrope


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage whose Tightrope was configured and never started."""
    monkeypatch.setattr("tempfile.mkdtemp", lambda prefix: str(tmp_path))
    monkeypatch.setattr(Tightrope, "start", lambda self: self)
    stage = Stage("1.30.1", "3.17.2")
    stage.start_tightrope()
    yield stage
    stage.stop()


class FinishedClient:
    """A client that has ended."""

    def __init__(self, exit_code: int, stdout: str) -> None:
        self.result = ClientResult(exit_code, stdout, "what went wrong", 1.0)

    def wait(self, timeout_s: float) -> ClientResult:
        """Its result."""
        return self.result


def test_command_of_the_operator(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """The real command line is run against our Tightrope, and its JSON comes back."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, '{"phase": "mirroring"}', "")

    monkeypatch.setattr(subprocess, "run", run)
    assert stage.operate("phase", "mirroring") == {"phase": "mirroring"}
    tail = ["-m", "proxy", "phase", "mirroring", "--admin-url", stage.tightrope.admin_url, "--output", "json"]
    assert asked[0][1:] == tail


@pytest.mark.parametrize(
    ("code", "stdout", "told"),
    [
        (4, '{"message": "2 parked"}', "exit code 4.*2 parked"),
        (1, "", "exit code 1.*on stderr"),
        (0, "no JSON", "exit code 0.*no JSON"),
    ],
)
def test_command_that_fails(stage: Stage, monkeypatch: pytest.MonkeyPatch, code: int, stdout: str, told: str):
    """A command that is refused, fails or says nothing useful is an error with its own words."""
    done = subprocess.CompletedProcess([], code, stdout, "on stderr")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    with pytest.raises(LabError, match=f"(?s){told}"):
        stage.operate("cutover")


def test_nothing_starts_by_itself(stage: Stage):
    """Without a started Tightrope there is nothing to talk to, and only files that exist count as logs."""
    assert stage.complete
    assert stage.logs == []
    stage.tightrope.log_path.write_text("ready")
    assert stage.logs == [str(stage.tightrope.log_path)]
    bare = Stage("1.30.1", "3.17.2")
    assert not bare.complete
    with pytest.raises(LabError, match="not started"):
        _ = bare.tightrope


@pytest.mark.parametrize(("exit_code", "stdout"), [(1, '{"run_id": "r1"}'), (0, "no JSON")])
def test_client_that_fails(exit_code: int, stdout: str):
    """A client with an error, or without a result, is an error that shows its output."""
    with pytest.raises(LabError, match=r"(?s)3\.17\.2 client.*what went wrong"):
        answer_of(cast("Client", FinishedClient(exit_code, stdout)), "3.17.2")


def test_client_that_succeeds():
    """The last line of a client's output is its result."""
    assert answer_of(cast("Client", FinishedClient(0, 'noise\n{"run_id": "r1"}')), "3.17.2") == {"run_id": "r1"}
