"""What phase, cutover and rollback share, and each of them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from proxy.cli.moves import exit_code
from proxy.core.cutover import Event, Phase
from proxy.core.reports import GateReport, MoveReport
from tests.cli.conftest import Api, Run
from tests.fakes.operator import REPORT

STOPS = GateReport("lag", "3 s", "0 s", False)


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (REPORT, 0),
        (replace(REPORT, outcome="planned"), 0),
        (replace(REPORT, outcome="planned", gates=(STOPS,)), 4),
        (replace(REPORT, outcome="planned", gates=(replace(STOPS, waived=True),)), 0),
        (replace(REPORT, outcome="refused"), 4),
        (replace(REPORT, outcome="aborted", gates=(STOPS,)), 1),
    ],
)
def test_exit_codes_tell_the_outcome(report: MoveReport, code: int):
    """A dry run that would be refused already says so."""
    assert exit_code(report) == code


@pytest.mark.parametrize(("command", "event"), [("cutover", Event.CUTOVER), ("rollback", Event.ROLLBACK)])
def test_flips_pass_their_options_on(run: Run, api: Api, command: str, event: Event):
    """Every option reaches the proxy."""
    found = run(command, "--dry-run", "--waive", "lag", "--waive", "parked", "--max-hold-s", "5")
    assert found.exit_code == 0, found.output
    ((_, called, _, dry_run, max_hold_s, waive),) = api.operator.calls
    assert (called, dry_run, max_hold_s, waive) == (event, True, 5.0, ("lag", "parked"))
    assert f"{command} (dry run): mirroring -> mirroring_back" in found.stdout


def test_the_report_is_shown(run: Run, api: Api):
    """Steps, gates, losses, the outcome, and how long clients waited."""
    found = run("cutover")
    for part in ("hold new writes", "parked", "12", "a 1.x server has no traces", "done: green serves", "waited 0.4 s"):
        assert part in found.stdout, part


def test_the_actor_is_the_user(run: Run, api: Api, monkeypatch: pytest.MonkeyPatch):
    """The audit log says who typed."""
    monkeypatch.setattr("getpass.getuser", lambda: "ann")
    run("cutover")
    assert api.operator.calls[0][2] == "ann from 127.0.0.1"


@pytest.mark.parametrize(("outcome", "code"), [("refused", 4), ("aborted", 1)])
def test_what_did_not_happen_is_shown_with_its_code(run: Run, api: Api, outcome: Any, code: int):
    """The gate that stood in the way is on the screen."""
    api.operator.report = replace(REPORT, outcome=outcome, gates=(STOPS,), message="the lag is 3 s")
    found = run("cutover")
    assert found.exit_code == code
    assert f"{outcome}: the lag is 3 s" in found.stdout
    assert "NO" in found.stdout


def test_json_is_the_report(run: Run, api: Api):
    """Refused or not, scripts get the same shape."""
    api.operator.report = replace(REPORT, outcome="refused")
    found = run("cutover", "--output", "json")
    assert found.exit_code == 4
    assert MoveReport.from_json(json.loads(found.stdout)).outcome == "refused"


def test_phase_shows_where_one_is(run: Run, api: Api):
    """Without an argument nothing is changed."""
    found = run("phase")
    assert "mirroring" in found.stdout
    assert "mirroring_back, blue_only" in found.stdout
    assert json.loads(run("phase", "-o", "json").stdout)["serving"] == "blue"
    assert api.operator.calls == []


def test_phase_at_the_end(run: Run, api: Api):
    """After green_only there is nowhere to go."""
    api.operator.set_phase(Phase.GREEN_ONLY)
    assert "nowhere" in run("phase").stdout


def test_phase_goes(run: Run, api: Api):
    """The target becomes the event."""
    assert run("phase", "mirroring_back", "--dry-run").exit_code == 0
    assert api.operator.calls[0][1] is Event.CUTOVER


def test_phase_that_cannot_be_reached_is_refused(run: Run, api: Api):
    """Exit code 4 and where one can go instead."""
    found = run("phase", "green_only")
    assert found.exit_code == 4
    assert "mirroring_back, blue_only" in found.stderr
