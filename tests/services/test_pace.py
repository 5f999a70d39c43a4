"""When what failed is tried again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from proxy.errors import NotReachedError, OutcomeUnknownError, ServerFailedError, UpstreamTimeoutError
from proxy.services.pace import Pace, reason_of


@dataclass(frozen=True)
class Settings:
    concurrency: int = 4
    retry_initial_s: float = 60.0
    retry_max_s: float = 600.0


def _not_reached(side: str) -> NotReachedError:
    error = NotReachedError("refused")
    error.side = side
    return error


async def test_a_record_waits_on_its_own():
    """Its pause says nothing of others; a hurry ends it."""
    due: list[int] = []
    pace = Pace(Settings(), due.append)
    pace.put_off(7, 1, UpstreamTimeoutError("late"), "green")
    assert (due, pace.down, pace.slots, pace.pause_s <= 0) == ([], False, 4, True)
    pace.hurry()
    assert due == [7]
    pace.hurry()
    assert due == [7]


async def test_its_turn_comes():
    """By itself, once the pause is over."""
    came = asyncio.Event()
    pace = Pace(Settings(), lambda _: came.set())
    pace.later(7, 0.0)
    await asyncio.wait_for(came.wait(), 10)


async def test_a_following_side_that_is_down_stops_everything():
    """With one probe at a time, until it is reached; failures that come together are one."""
    due: list[int] = []
    pace = Pace(Settings(), due.append)
    pace.put_off(1, 1, _not_reached("green"), "green")
    first = pace.pause_s
    pace.put_off(2, 1, _not_reached("green"), "green")
    assert (pace.down, pace.slots, first > 0) == (True, 1, True)
    assert pace.pause_s <= first
    pace.hurry()
    assert pace.pause_s <= 0
    pace.reached()
    assert (pace.down, pace.slots) == (False, 4)


async def test_the_other_side_being_down_is_another_matter():
    """What is read from the serving side can fail as well."""
    pace = Pace(Settings(), lambda _: None)
    pace.put_off(1, 1, _not_reached("blue"), "green")
    assert not pace.down
    pace.hurry()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotReachedError("x"), "not_reached"),
        (UpstreamTimeoutError("x"), "timeout"),
        (ServerFailedError("x"), "server_error"),
        (OutcomeUnknownError("x"), "interrupted"),
    ],
)
def test_reasons_are_labels(error, reason):
    """One for every way to fail."""
    assert reason_of(error) == reason
