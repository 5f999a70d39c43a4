"""Reports of moves."""

import json

import pytest

from proxy.core.reports import GateReport, LossReport, MoveReport, StepReport

REPORT = MoveReport(
    event="cutover",
    from_phase="mirroring",
    to_phase="mirroring_back",
    dry_run=True,
    steps=(StepReport("drain", "planned"), StepReport("release", "done", "3 writes", 0.2)),
    gates=(GateReport("lag", "3 s", "0 s", False, True),),
    held_s=0.0,
    outcome="planned",
    message="ready",
    losses=(LossReport("trace", 12),),
)


def test_json_goes_both_ways():
    """What the API sends is what the command line reads."""
    assert MoveReport.from_json(json.loads(json.dumps(REPORT.to_json()))) == REPORT


@pytest.mark.parametrize(
    ("ok", "waived", "stops"), [(True, False, False), (True, True, False), (False, True, False), (False, False, True)]
)
def test_only_an_unwaived_failure_stops(ok, waived, stops):
    """A waiver lets a gate pass that does not hold."""
    assert GateReport("lag", "3 s", "0 s", ok, waived).stops is stops
