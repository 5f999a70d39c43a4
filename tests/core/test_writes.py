"""The life of one write."""

from __future__ import annotations

import itertools

import pytest

from proxy.core.writes import MOVES, PENDING, State, may_move

LEGAL = {
    State.RECEIVED: "answered rejected in_doubt skipped",
    State.ANSWERED: "mirrored parked skipped",
    State.IN_DOUBT: "answered mirrored rejected parked skipped",
    State.PARKED: "answered in_doubt skipped mirrored",
    State.REJECTED: "",
    State.MIRRORED: "",
    State.SKIPPED: "",
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(State, State)))
def test_every_pair_is_legal_or_not(before, after):
    """A record moves along the table's arrows and along no other."""
    assert may_move(before, after) == (after.value in LEGAL[before].split())


@pytest.mark.parametrize("state", list(State))
def test_a_record_ends_where_nothing_leads_on(state):
    """Final states have no way out, pending ones lead to an end without anybody's help."""
    assert state.final == (state in {State.REJECTED, State.MIRRORED, State.SKIPPED})
    assert state.pending == (state in {State.RECEIVED, State.ANSWERED, State.IN_DOUBT})
    assert not (state.final and state.pending)


@pytest.mark.parametrize("state", sorted(PENDING | {State.PARKED}))
def test_every_record_can_come_to_an_end(state):
    """From every state that is not final, a final one can be reached; nothing waits for ever."""
    reached, ahead = set(), [state]
    while ahead:
        here = ahead.pop()
        if here not in reached:
            reached.add(here)
            ahead.extend(MOVES[here])
    assert State.MIRRORED in reached
    assert State.SKIPPED in reached
