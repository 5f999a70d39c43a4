"""Checks of single acts against made-up servers: each of them can fail."""

from dataclasses import replace
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from proxy.lab.demo import acts
from proxy.lab.demo.actors import Actors
from proxy.lab.demo.compare import PARTS
from proxy.lab.demo.reading import RunCopy
from proxy.lab.demo.show import CheckFailedError, Show

METRICS = """\
# TYPE tightrope_divergences_total counter
# TYPE tightrope_open_divergences gauge
tightrope_open_divergences{kind="parked_write"} 0.0
# TYPE tightrope_mirror_lag_seconds gauge
tightrope_mirror_lag_seconds 0.0
tightrope_journal_records{state="received"} 0.0
tightrope_journal_records{state="answered"} 0.0
tightrope_journal_records{state="in_doubt"} 0.0
tightrope_journal_records{state="parked"} 0.0
tightrope_journal_records{state="mirrored"} 9.0
tightrope_requests_total{code="200",method="GET",operation="GetRun"} 5.0
tightrope_requests_total{code="404",method="GET",operation="GetRun"} 1.0
tightrope_mirror_skipped_total{reason="gone"} 2.0
"""


@pytest.fixture
def output() -> StringIO:
    """What was said."""
    return StringIO()


@pytest.fixture
def actors(output: StringIO, blue: RunCopy, green: RunCopy) -> Actors:
    """After a run before the window and one within it, which both servers have."""

    def reader(ids: dict[str, str], copy: RunCopy) -> SimpleNamespace:
        return SimpleNamespace(
            url="http://server", public_ids=lambda _: ids, run=lambda _: copy, copy_of=lambda *_: copy
        )

    stage: Any = SimpleNamespace(
        blue=SimpleNamespace(version="1.30.1"),
        green=SimpleNamespace(version="3.17.2"),
        on_blue=reader({"h": "h", blue.run_id: blue.run_id}, blue),
        on_green=reader({green.run_id: blue.run_id}, green),
        tightrope=SimpleNamespace(admin_url="http://admin", wait_drained=dict, admin=lambda *_: METRICS),
        command=lambda *arguments: " ".join(arguments),
    )
    actors = Actors(stage, Show(Console(file=output, markup=False, highlight=False)))
    actors.history_run = "h"
    actors.runs = {"1.30.1": blue.run_id}
    return actors


def test_books_in_order(actors: Actors, output: StringIO):
    """All counters fine; the history run and skipped writes are named as not mirrored."""
    acts.settle_accounts(actors)
    assert "run h: from before mirroring began" in output.getvalue()
    assert "2 writes skipped, reason: gone" in output.getvalue()


@pytest.mark.parametrize(
    ("fine", "wrong", "named"),
    [
        ("# TYPE tightrope_divergences_total counter\n", "", "tightrope_divergences_total 0"),
        ('parked_write"} 0.0', 'parked_write"} 1.0', "tightrope_open_divergences 0"),
        ("lag_seconds 0.0", "lag_seconds 3.5", "tightrope_mirror_lag_seconds 0"),
        ('"parked"} 0.0', '"parked"} 1.0', "writes parked 0"),
        ('"in_doubt"} 0.0', '"in_doubt"} 1.0', "writes in_doubt 0"),
        ('tightrope_journal_records{state="received"} 0.0\n', "", "writes received 0"),
        ('"mirrored"} 9.0', '"mirrored"} 0.0', "writes mirrored 0"),
        ('code="404"', 'code="502"', "none of them 5xx"),
        ("tightrope_requests_total", "something_else_total", "none of them 5xx"),
    ],
)
def test_books_not_in_order(actors: Actors, fine: str, wrong: str, named: str):
    """Every counter that is wrong, or not there at all, fails its check."""
    assert fine in METRICS
    stage: Any = actors.stage
    stage.tightrope.admin = lambda *_: METRICS.replace(fine, wrong)
    with pytest.raises(CheckFailedError, match=named):
        acts.settle_accounts(actors)


@pytest.mark.parametrize(
    ("side", "ids", "named"),
    [
        ("on_green", {}, "every run on blue is on green"),
        ("on_green", {"x": "h"}, "every run on blue is on green"),
        ("on_green", {"x": "somebody"}, "every run on green is on blue"),
    ],
)
def test_runs_on_one_side_only(actors: Actors, side: str, ids: dict[str, str], named: str):
    """A run that only one server has fails the books, the history run excepted."""
    getattr(actors.stage, side).public_ids = lambda _: ids
    with pytest.raises(CheckFailedError, match=named):
        acts.settle_accounts(actors)


def test_runs_read_from_both_servers(actors: Actors, output: StringIO):
    """Equal copies pass, and the table says so for every part."""
    acts.read_both(actors)
    assert output.getvalue().count(" equal") == len(PARTS)


def test_doctored_copy_is_found(actors: Actors, output: StringIO, green: RunCopy):
    """A parameter that green has otherwise fails the act, after the table has shown which part it is in."""
    doctored = replace(green, params={**green.params, "optimizer": "sgd"})
    stage: Any = actors.stage
    stage.on_green.copy_of = lambda *_: doctored
    with pytest.raises(CheckFailedError, match="no difference") as failure:
        acts.read_both(actors)
    assert failure.value.got == "params optimizer: blue has adam, green has sgd"
    assert "params: 2 DIFFERENT" in output.getvalue()


def test_run_that_is_on_green_twice(actors: Actors, blue: RunCopy):
    """Two copies of one run on green fail the act, although the set of runs is the same."""
    stage: Any = actors.stage
    stage.on_green.public_ids = lambda _: {"x": blue.run_id, "y": blue.run_id}
    with pytest.raises(CheckFailedError, match="each of them once"):
        acts.read_both(actors)
