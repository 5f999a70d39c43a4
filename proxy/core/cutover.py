"""Phases, the events that move between them, and the ordered steps of each move.

The table is the whole truth: what is not in it is refused and changes nothing. Blue serves until the cutover, green
after it. While a phase journals, every write is recorded; while it delivers, records go to the following side.

    blue_only -RECORD-> recording -MIRROR-> mirroring -CUTOVER-> mirroring_back -FINISH-> green_only
        |                                      ^                        |
        +--------------- MIRROR ---------------+ <------ ROLLBACK ------+

``recording`` and ``mirroring`` can be abandoned to ``blue_only``: what has not been delivered then never will be, is
marked skipped with the reason ``window_closed`` and counted. ``recording`` holds delivery back while green is being
made from a copy of blue; start it before the copy is taken.

The new phase is stored in one step of the move (``STORE_PHASE``). A crash before that step leaves the phase before, a
crash after it the phase after: a hold lives in memory only, so clients are released either way. An
unfinished ``CLOSE_WINDOW`` is made up for at the next start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from proxy.core.messages import Side


class Phase(str, Enum):
    """Where the upgrade stands."""

    BLUE_ONLY = "blue_only"
    RECORDING = "recording"
    MIRRORING = "mirroring"
    MIRRORING_BACK = "mirroring_back"
    GREEN_ONLY = "green_only"

    @property
    def serving(self) -> Side:
        """The side whose answers clients get."""
        return Side.GREEN if self in {Phase.MIRRORING_BACK, Phase.GREEN_ONLY} else Side.BLUE

    @property
    def journals(self) -> bool:
        """Whether writes are recorded."""
        return self in {Phase.RECORDING, Phase.MIRRORING, Phase.MIRRORING_BACK}

    @property
    def delivers(self) -> bool:
        """Whether recorded writes go to the following side now."""
        return self in {Phase.MIRRORING, Phase.MIRRORING_BACK}


class Event(str, Enum):
    """What an operator asks for."""

    RECORD = "record"
    MIRROR = "mirror"
    CUTOVER = "cutover"
    ROLLBACK = "rollback"
    FINISH = "finish"
    ABANDON = "abandon"


class Step(str, Enum):
    """One step of a move, carried out in order by the coordinator."""

    REQUIRE_FOLLOWING = "check that the following side answers"
    HOLD_WRITES = "hold new writes at the proxy"
    WAIT_IN_FLIGHT = "wait for writes under way"
    DRAIN = "deliver everything in the journal"
    CHECK_GATES = "check the gates"
    RESERVE_IDS = "reserve the experiment ids in use"
    STORE_PHASE = "store the new phase"
    CLOSE_WINDOW = "close the undelivered records as skipped"
    RELEASE = "release the writes"


@dataclass(frozen=True, slots=True)
class Move:
    """A legal move: where it leads and how."""

    to: Phase
    steps: tuple[Step, ...]


_FLIP = (
    Step.REQUIRE_FOLLOWING,
    Step.HOLD_WRITES,
    Step.WAIT_IN_FLIGHT,
    Step.DRAIN,
    Step.CHECK_GATES,
    Step.RESERVE_IDS,
    Step.STORE_PHASE,
    Step.RELEASE,
)
_OPEN = (Step.HOLD_WRITES, Step.WAIT_IN_FLIGHT, Step.STORE_PHASE, Step.RELEASE)
"""A write that began unjournaled must have ended before anybody is told that writes are journaled."""
_CLOSE = (Step.HOLD_WRITES, Step.WAIT_IN_FLIGHT, Step.STORE_PHASE, Step.CLOSE_WINDOW, Step.RELEASE)

MOVES: Mapping[tuple[Phase, Event], Move] = {
    (Phase.BLUE_ONLY, Event.RECORD): Move(Phase.RECORDING, _OPEN),
    (Phase.BLUE_ONLY, Event.MIRROR): Move(Phase.MIRRORING, (Step.REQUIRE_FOLLOWING, *_OPEN)),
    (Phase.RECORDING, Event.MIRROR): Move(Phase.MIRRORING, (Step.REQUIRE_FOLLOWING, Step.STORE_PHASE)),
    (Phase.RECORDING, Event.ABANDON): Move(Phase.BLUE_ONLY, _CLOSE),
    (Phase.MIRRORING, Event.CUTOVER): Move(Phase.MIRRORING_BACK, _FLIP),
    (Phase.MIRRORING, Event.ABANDON): Move(Phase.BLUE_ONLY, _CLOSE),
    (Phase.MIRRORING_BACK, Event.ROLLBACK): Move(Phase.MIRRORING, _FLIP),
    (Phase.MIRRORING_BACK, Event.FINISH): Move(Phase.GREEN_ONLY, _CLOSE),
}

TARGETS: Mapping[Phase, tuple[Event, ...]] = {
    Phase.BLUE_ONLY: (Event.ABANDON,),
    Phase.RECORDING: (Event.RECORD,),
    Phase.MIRRORING: (Event.MIRROR, Event.ROLLBACK),
    Phase.MIRRORING_BACK: (Event.CUTOVER,),
    Phase.GREEN_ONLY: (Event.FINISH,),
}
"""The events that can lead to a phase, for ``tightrope phase PHASE``."""


def move(phase: Phase, event: Event) -> Move | None:
    """The move, or None where the table has none."""
    return MOVES.get((phase, event))


def event_towards(phase: Phase, target: Phase) -> Event | None:
    """The event that leads from ``phase`` to ``target`` in one move, None where there is none."""
    return next((event for event in TARGETS[target] if (phase, event) in MOVES), None)


def legal_targets(phase: Phase) -> tuple[Phase, ...]:
    """The phases that can be reached from ``phase`` in one move."""
    return tuple(found.to for (start, _), found in MOVES.items() if start is phase)
