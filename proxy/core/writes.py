"""The life of one write.

A write is journaled before it is forwarded. From then on it is in exactly one state:

    RECEIVED   the intent is in the journal; the serving side may or may not have seen the request
    ANSWERED   the serving side took it (2xx) and it waits for the following side
    IN_DOUBT   nobody knows whether the serving side applied it (time-out, reset, our crash, a 5xx); settled by
               reading the serving side when its turn in the lane comes
    PARKED     it cannot be delivered now (rejected, untranslatable, depends on a parked one); visible, retryable
    REJECTED   the serving side refused it, or it turned out never to have been applied: nothing to mirror
    MIRRORED   the following side holds its effect
    SKIPPED    it will not be mirrored, and the reason is recorded and counted

The last three are final. What is not in the table is a bug and changes nothing. At a restart every RECEIVED record
becomes IN_DOUBT, because the answer, if there was one, never reached the client.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class State(str, Enum):
    """Where a write record is in its life."""

    RECEIVED = "received"
    ANSWERED = "answered"
    IN_DOUBT = "in_doubt"
    PARKED = "parked"
    REJECTED = "rejected"
    MIRRORED = "mirrored"
    SKIPPED = "skipped"

    @property
    def final(self) -> bool:
        """Whether nothing will ever happen to the record again."""
        return not MOVES[self]

    @property
    def pending(self) -> bool:
        """Whether the mirror still has to do something without anybody's help."""
        return self in PENDING


PENDING: frozenset[State] = frozenset({State.RECEIVED, State.ANSWERED, State.IN_DOUBT})

MOVES: Mapping[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.ANSWERED, State.REJECTED, State.IN_DOUBT, State.SKIPPED}),
    State.ANSWERED: frozenset({State.MIRRORED, State.PARKED, State.SKIPPED}),
    State.IN_DOUBT: frozenset({State.ANSWERED, State.MIRRORED, State.REJECTED, State.PARKED, State.SKIPPED}),
    State.PARKED: frozenset({State.ANSWERED, State.IN_DOUBT, State.SKIPPED, State.MIRRORED}),
    State.REJECTED: frozenset(),
    State.MIRRORED: frozenset(),
    State.SKIPPED: frozenset(),
}


def may_move(before: State, after: State) -> bool:
    """Whether a record may go from ``before`` to ``after``."""
    return after in MOVES[before]
