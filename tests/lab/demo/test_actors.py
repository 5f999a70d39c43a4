"""The checks that several acts make."""

from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from proxy.lab.demo.actors import Actors
from proxy.lab.demo.reading import RunCopy
from proxy.lab.demo.show import CheckFailedError, Show


class Server:
    """Stands for a `Reader`: runs by id, and copies by public id."""

    url = "http://server"

    def __init__(self, runs: dict[str, RunCopy], copies: dict[str, RunCopy]) -> None:
        self.runs = runs
        self.copies = copies

    def run(self, run_id: str) -> RunCopy:
        """A run by its own id."""
        return self.runs[run_id]

    def copy_of(self, public_id: str, experiment: str) -> RunCopy | None:
        """A run by the hidden tag."""
        return self.copies.get(public_id)


@pytest.fixture
def stage(blue: RunCopy, green: RunCopy) -> SimpleNamespace:
    """Both servers hold one run, made on blue; the move answers as it is told."""
    return SimpleNamespace(
        blue=SimpleNamespace(version="2.9.2"),
        green=SimpleNamespace(version="3.17.2"),
        on_blue=Server({blue.run_id: blue}, {}),
        on_green=Server({green.run_id: green}, {blue.run_id: green}),
        command=lambda *arguments: " ".join(("tightrope", *arguments)),
        tightrope=SimpleNamespace(status=lambda: {"phase": "mirroring_back"}),
    )


@pytest.fixture
def actors(stage: Any) -> Actors:
    """The actors on that stage; nobody listens."""
    return Actors(stage, Show(Console(file=StringIO())))


def test_clients_are_ordered_by_version(actors: Actors):
    """Both servers' versions and the two that always come along, oldest first, each once."""
    assert actors.clients == ["2.9.2", "2.22.4", "3.17.2"]


def test_equal_and_none(actors: Actors):
    """What is not equal, and what is not empty, fails with what was found; long lists are cut and counted."""
    actors.equal("same", {"a": 1}, {"a": 1})
    actors.none("clean", [])
    with pytest.raises(CheckFailedError) as unequal:
        actors.equal("same", 1, None)
    assert (unequal.value.expected, unequal.value.got) == ("1", "None")
    with pytest.raises(CheckFailedError) as dirty:
        actors.none("clean", list("abcdefg"))
    assert dirty.value.got == "a; b; c; d; e; and 2 more"


def test_both_copies(actors: Actors, blue: RunCopy, green: RunCopy):
    """The server that made the run is asked by id, the other by the hidden tag; blue comes first either way."""
    assert actors.same_run("same", blue.run_id) == (blue, green)
    stage: Any = actors.stage
    stage.on_blue, stage.on_green = Server({}, {green.run_id: blue}), Server({green.run_id: green}, {})
    assert actors.same_run("same", green.run_id, named_by_green=True) == (blue, green)


@pytest.mark.parametrize("named_by_green", [False, True])
def test_copy_that_is_not_there(actors: Actors, blue: RunCopy, named_by_green: bool):
    """A run without its copy fails the check, and the side that lacks it is named."""
    stage: Any = actors.stage
    stage.on_blue = stage.on_green = Server({blue.run_id: blue}, {})
    with pytest.raises(CheckFailedError, match="on blue" if named_by_green else "on green"):
        actors.copies(blue.run_id, named_by_green=named_by_green)


@pytest.mark.parametrize(
    ("outcome", "phase", "named"),
    [("aborted", "mirroring_back", "cutover: mirroring"), ("done", "mirroring", "the phase is mirroring$")],
)
def test_move_that_was_not_made(actors: Actors, outcome: str, phase: str, named: str):
    """A move whose report or whose phase afterwards is another than asked for fails the check."""
    report = {
        "event": "cutover",
        "from_phase": "mirroring",
        "to_phase": "mirroring_back",
        "dry_run": False,
        "steps": [],
        "gates": [],
        "held_s": 0.1,
        "outcome": outcome,
        "message": "",
    }
    stage: Any = actors.stage
    stage.operate = lambda *_: report
    with pytest.raises(CheckFailedError, match=named):
        actors.moved("cutover", phase=phase)
    report["outcome"] = "done"
    assert actors.moved("cutover", phase="mirroring_back").held_s == 0.1
