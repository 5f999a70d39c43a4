"""A client that logs in the background, watched by its output."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from proxy.lab.clients import ClientResult
from proxy.lab.demo import logging_client
from proxy.lab.demo.logging_client import LoggingClient
from proxy.lab.failures import LabError


class Script:
    """Stands for a background client: says one more point each time it is looked at, up to a limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.said = 0
        self.stopped = False

    @property
    def running(self) -> bool:
        """Until it has said all."""
        return self.said < self.limit

    def stdout(self) -> str:
        """One line more than before."""
        self.said = min(self.said + 1, self.limit)
        return "".join(f"acknowledged {number}\n" for number in range(1, self.said + 1))

    def wait(self, timeout_s: float) -> ClientResult:
        """Its end."""
        return ClientResult(0, '{"acknowledged": 7}', "", 1.0)

    def stop(self) -> None:
        """End it."""
        self.stopped = True


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """The script that is started, with nobody waiting in between."""
    script = Script(30)
    monkeypatch.setattr(logging_client, "start_client", lambda *_, **__: script)
    monkeypatch.setattr(logging_client, "_POLL_S", 0)
    return script


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    """As much of a stage as it needs."""
    return SimpleNamespace(directory=tmp_path, tightrope=SimpleNamespace(url="http://127.0.0.1:9"))


def test_waits_for_further_points(script: Script, stage: Any, tmp_path: Path):
    """So many points more than at the time of asking; then it is told to end by a file, and stopped in any case."""
    with LoggingClient(stage, "1.30.1", "stop-now") as client:
        assert client.wait_for(5) == 6
        assert not (tmp_path / "stop-now").exists()
        assert client.finish() == {"acknowledged": 7}
        assert (tmp_path / "stop-now").exists()
    assert script.stopped


def test_client_that_ends_early(script: Script, stage: Any):
    """A client that stops logging before it was told to is an error."""
    script.limit = 3
    with pytest.raises(LabError, match="stopped logging after 3 points"):
        LoggingClient(stage, "1.30.1", "stop").wait_for(10)


def test_client_that_hangs(script: Script, stage: Any):
    """A client that gets no answer any more is an error, too."""
    script.limit = 10**6
    with pytest.raises(LabError, match="logged 2 points and not 11"):
        LoggingClient(stage, "1.30.1", "stop").wait_for(10, timeout_s=-1)
