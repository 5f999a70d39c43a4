"""The table of phases and moves."""

from __future__ import annotations

import itertools

import pytest

from proxy.core.cutover import MOVES, TARGETS, Event, Phase, Step, event_towards, legal_targets, move
from proxy.core.messages import Side

LEGAL = {
    (Phase.BLUE_ONLY, Event.RECORD): Phase.RECORDING,
    (Phase.BLUE_ONLY, Event.MIRROR): Phase.MIRRORING,
    (Phase.RECORDING, Event.MIRROR): Phase.MIRRORING,
    (Phase.RECORDING, Event.ABANDON): Phase.BLUE_ONLY,
    (Phase.MIRRORING, Event.CUTOVER): Phase.MIRRORING_BACK,
    (Phase.MIRRORING, Event.ABANDON): Phase.BLUE_ONLY,
    (Phase.MIRRORING_BACK, Event.ROLLBACK): Phase.MIRRORING,
    (Phase.MIRRORING_BACK, Event.FINISH): Phase.GREEN_ONLY,
}

every_pair = pytest.mark.parametrize(("phase", "event"), list(itertools.product(Phase, Event)))
every_move = pytest.mark.parametrize(("start", "event"), list(MOVES))


@every_pair
def test_every_pair_is_legal_or_refused(phase, event):
    """Each event in each phase leads where the diagram says, and nowhere when the diagram has no arrow."""
    found = move(phase, event)
    assert (found.to if found is not None else None) == LEGAL.get((phase, event))


@pytest.mark.parametrize(("phase", "target"), list(itertools.product(Phase, Phase)))
def test_the_event_towards_a_phase_leads_there(phase, target):
    """``tightrope phase`` finds an event exactly where one move leads from here to there."""
    event = event_towards(phase, target)
    assert (event is not None) == (target in legal_targets(phase))
    if event is not None:
        assert LEGAL[phase, event] is target


def test_legal_targets():
    """The phases that an operator may be offered, per phase."""
    assert {phase: set(legal_targets(phase)) for phase in Phase} == {
        Phase.BLUE_ONLY: {Phase.RECORDING, Phase.MIRRORING},
        Phase.RECORDING: {Phase.MIRRORING, Phase.BLUE_ONLY},
        Phase.MIRRORING: {Phase.MIRRORING_BACK, Phase.BLUE_ONLY},
        Phase.MIRRORING_BACK: {Phase.MIRRORING, Phase.GREEN_ONLY},
        Phase.GREEN_ONLY: set(),
    }
    assert set(TARGETS) == set(Phase)


@pytest.mark.parametrize(
    ("phase", "serving", "journals", "delivers"),
    [
        (Phase.BLUE_ONLY, Side.BLUE, False, False),
        (Phase.RECORDING, Side.BLUE, True, False),
        (Phase.MIRRORING, Side.BLUE, True, True),
        (Phase.MIRRORING_BACK, Side.GREEN, True, True),
        (Phase.GREEN_ONLY, Side.GREEN, False, False),
    ],
)
def test_what_a_phase_means(phase, serving, journals, delivers):
    """Who serves, whether writes are recorded and whether they are delivered."""
    assert (phase.serving, phase.journals, phase.delivers) == (serving, journals, delivers)


@every_move
def test_a_move_stores_its_phase_once(start, event):
    """The phase is stored in exactly one step, so that a crash leaves either the phase before or the one after."""
    assert MOVES[start, event].steps.count(Step.STORE_PHASE) == 1


@every_move
def test_writes_that_are_held_are_released_last(start, event):
    """Whatever holds writes ends by releasing them, and nothing is held without need."""
    steps = MOVES[start, event].steps
    assert (Step.HOLD_WRITES in steps) == (Step.RELEASE in steps)
    if Step.RELEASE in steps:
        assert steps[-1] is Step.RELEASE
        assert steps.index(Step.WAIT_IN_FLIGHT) == steps.index(Step.HOLD_WRITES) + 1


@every_move
def test_sides_change_only_when_everything_is_delivered(start, event):
    """A move that changes who serves holds, drains and checks before it stores the phase."""
    found = MOVES[start, event]
    flips = start.serving is not found.to.serving
    before = found.steps[: found.steps.index(Step.STORE_PHASE)]
    wanted = (Step.HOLD_WRITES, Step.WAIT_IN_FLIGHT, Step.DRAIN, Step.CHECK_GATES, Step.RESERVE_IDS)
    assert (tuple(step for step in before if step in wanted) == wanted) == flips
    assert (Step.DRAIN in found.steps) == flips


@every_move
def test_delivery_begins_only_when_the_other_side_answers(start, event):
    """A move into a phase that delivers asks the following side first."""
    found = MOVES[start, event]
    assert (found.steps[0] is Step.REQUIRE_FOLLOWING) == found.to.delivers


@every_move
def test_a_window_that_closes_leaves_nothing_pending(start, event):
    """Leaving a phase that journals for one that does not closes what was not delivered, after the phase is stored."""
    found = MOVES[start, event]
    closes = start.journals and not found.to.journals
    assert (Step.CLOSE_WINDOW in found.steps) == closes
    if closes:
        assert found.steps.index(Step.CLOSE_WINDOW) > found.steps.index(Step.STORE_PHASE)
