"""The demo as a whole: its exit codes with acts made for the test, and once for real."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from proxy.lab.demo import story
from proxy.lab.demo.actors import Actors
from proxy.lab.demo.show import Show
from proxy.lab.failures import LabError

Play = Callable[..., tuple[int, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo keeps its data."""
    folder = tmp_path / "demo"

    def make(prefix: str) -> str:
        folder.mkdir()
        return str(folder)

    monkeypatch.setattr(tempfile, "mkdtemp", make)
    return folder


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Play:
    """Plays the given acts without any server; returns the exit code and the output."""

    def played(*acts: Callable[[Actors], None], keep: bool = False) -> tuple[int, str]:
        output = StringIO()
        monkeypatch.setattr(story, "ACTS", acts)
        show = Show(Console(file=output, markup=False, highlight=False, emoji=False))
        return story.run(blue="1.30.1", green="3.17.2", keep=keep, show=show), output.getvalue()

    return played


def fine(actors: Actors) -> None:
    """Passes one check, and leaves a log."""
    actors.stage.blue.log_path.parent.mkdir()
    actors.stage.blue.log_path.write_text("all is well")
    actors.equal("one is one", 1, 1)


def test_all_checks_pass(play: Play, folder: Path):
    """Exit code 0, the number of checks, and nothing left behind."""
    code, output = play(fine)
    assert code == 0
    assert "All 1 checks passed" in output
    assert not folder.exists()


def test_kept_on_request(play: Play, folder: Path):
    """With --keep the data stays, and the output says where."""
    code, output = play(fine, keep=True)
    assert code == 0
    assert f"kept: {folder}" in output
    assert folder.exists()


def test_a_check_fails(play: Play, folder: Path):
    """Exit code 1, no further act, the check with both values, and logs that are still there."""

    def wrong(actors: Actors) -> None:
        actors.equal("one is two", 2, 1)

    def never(actors: Actors) -> None:
        raise AssertionError

    code, output = play(fine, wrong, never)
    assert code == 1
    log = folder / "blue" / "server.log"
    assert re.search(rf"FAILED: one is two\n\s+expected:\s+2\n\s+got:\s+1\n\s+where to look:\s+{log}\n", output)
    assert log.exists()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LabError("it did not start", output="last words", hint="look there"), ("it did not start", "last words")),
        (ConnectionRefusedError("nobody home"), ("ConnectionRefusedError: nobody home",)),
    ],
)
def test_something_cannot_be_done(play: Play, error: Exception, told: tuple[str, ...]):
    """A server, client or command that fails ends the demo with exit code 1 and its own words."""

    def act(actors: Actors) -> None:
        raise error

    code, output = play(fine, act)
    assert code == 1
    assert "FAILED: " in output
    assert all(words in output for words in told)


def test_interrupted(play: Play, folder: Path):
    """Ctrl-C ends it as shells expect, without leaving anything behind."""

    def act(actors: Actors) -> None:
        raise KeyboardInterrupt

    code, output = play(fine, act)
    assert code == 130
    assert "interrupted" in output
    assert not folder.exists()


def test_fault_of_the_demo_itself(play: Play, folder: Path):
    """An unexpected error is not hidden, and the logs stay."""

    def act(actors: Actors) -> None:
        raise KeyError("a server answered something new")

    with pytest.raises(KeyError):
        play(fine, act)
    assert folder.exists()


@pytest.mark.parametrize("version", ["1.20.2", "latest"])
def test_versions_that_cannot_be_played_with(version: str, capsys: pytest.CaptureFixture[str]):
    """A version that is none, or too old, is refused at once with a reason."""
    assert story.run(blue=version, green="3.17.2", keep=False) == 1
    assert re.search(r"FAILED: .*(needs MLflow 1\.23\.0|not an MLflow version)", capsys.readouterr().out)


@pytest.mark.real
@pytest.mark.timeout(600)
def test_demo_for_real():
    """The whole job on real servers: three generations of clients, cutover and rollback under load, nothing lost."""
    done = subprocess.run(
        [sys.executable, "-m", "proxy", "demo", "--blue", "1.30.1", "--green", "3.17.2"],
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    for words in (
        r"client 1\.30\.1: run \w{32} on blue is \w{32} on green, no difference",
        r"client 2\.22\.4: run \w{32} on blue is \w{32} on green, no difference",
        r"client 3\.17\.2: run \w{32} on blue is \w{32} on green, no difference",
        r"cutover: mirroring -> mirroring_back, done",
        r"(\d+) points acknowledged, \1 points on green",
        r"run \w{32} by its old id: params, metric history, artifact bytes",
        r"rollback: mirroring_back -> mirroring, done",
        r"made while green served, is complete on blue",
        r"tightrope_divergences_total 0\n",
        r"every run on blue is on green, but for the history run",
        r"All \d+ checks passed",
    ):
        assert re.search(words, done.stdout), f"{words}\n{done.stdout}"
    assert "FAILED" not in done.stdout
