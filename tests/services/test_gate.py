"""The gate that a hold closes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from proxy.errors import HoldExpiredError
from proxy.services.gate import Gate

LONG_S = 3600.0


async def let_others_run() -> None:
    """Give every task that can go on the chance to do so; no time passes."""
    for _ in range(20):
        await asyncio.sleep(0)


def gate(max_waiting: int = 100) -> Gate:
    return Gate(lambda: 7.0, max_waiting=max_waiting)


def writer(one: Gate, done: list[int], number: int) -> Callable[[], Awaitable[None]]:
    async def write() -> None:
        async with one.write():
            done.append(number)

    return write


async def test_writes_pass_an_open_gate_together():
    """Without a hold nobody waits, and those under way are counted."""
    one = gate()
    async with one.write(), one.write():
        assert one.in_flight == 2
        assert one.waiting == 0
    assert one.in_flight == 0
    assert not one.held


async def test_held_writes_go_in_the_order_in_which_they_came():
    """While the gate is held writes wait; the release lets them go first come, first served."""
    one = gate()
    done: list[int] = []
    one.hold(LONG_S)
    tasks = []
    for number in range(5):
        tasks.append(asyncio.ensure_future(writer(one, done, number)()))
        await let_others_run()
    assert (one.waiting, one.in_flight, done) == (5, 0, [])
    assert one.held_since == 7.0
    one.release()
    await asyncio.gather(*tasks)
    assert done == [0, 1, 2, 3, 4]
    assert (one.waiting, one.in_flight, one.held) == (0, 0, False)


async def test_a_hold_does_not_touch_writes_under_way():
    """Who has passed the gate goes on; the hold is complete when they have all left."""
    one = gate()
    async with one.write():
        one.hold(LONG_S)
        idle = asyncio.ensure_future(one.until_idle())
        await let_others_run()
        assert not idle.done()
        assert one.in_flight == 1
    await idle
    assert one.held


async def test_until_idle_waits_for_the_last_of_several():
    """One write that ends is not enough while another is under way."""
    one = gate()
    idle = None
    async with one.write():
        async with one.write():
            idle = asyncio.ensure_future(one.until_idle())
        await let_others_run()
        assert not idle.done()
    await idle


async def test_an_idle_gate_is_idle_at_once():
    """Nothing under way means no waiting, with waiting writes behind a hold as well as without."""
    one = gate()
    await one.until_idle()
    one.hold(LONG_S)
    waiting = asyncio.ensure_future(writer(one, [], 1)())
    await let_others_run()
    await one.until_idle()
    one.release()
    await waiting


@pytest.mark.parametrize("max_wait_s", [0.0, 0.001])
async def test_a_write_waits_for_a_bounded_time(max_wait_s):
    """A hold that lasts too long refuses the write, which was never sent, and leaves the gate held and consistent."""
    one = gate()
    one.hold(max_wait_s)
    with pytest.raises(HoldExpiredError) as refused:
        async with one.write():
            pytest.fail("it was sent")
    assert refused.value.http_status == 503
    assert refused.value.retryable
    assert (one.waiting, one.in_flight, one.held) == (0, 0, True)
    one.release()
    async with one.write():
        pass


async def test_a_bounded_number_of_writes_waits():
    """Beyond that number writes are refused at once; those that wait keep their place."""
    one = gate(max_waiting=2)
    done: list[int] = []
    one.hold(LONG_S)
    tasks = [asyncio.ensure_future(writer(one, done, number)()) for number in range(2)]
    await let_others_run()
    with pytest.raises(HoldExpiredError, match="too many"):
        await writer(one, done, 2)()
    one.release()
    await asyncio.gather(*tasks)
    assert done == [0, 1]


async def test_a_second_hold_keeps_the_first_ones_time():
    """Holding what is held does not pretend that the hold just began."""
    times = iter([1.0, 2.0, 3.0])
    one = Gate(lambda: next(times), max_waiting=1)
    seen: list[float | None] = []
    for held in (True, True, False, True):
        if held:
            one.hold(LONG_S)
        else:
            one.release()
        seen.append(one.held_since)
    assert seen == [1.0, 1.0, None, 2.0]


async def test_a_hold_right_after_a_release_holds_those_who_were_just_freed():
    """A write that has not passed yet when the gate closes again waits again: a switch relies on it."""
    one = gate()
    done: list[int] = []
    one.hold(LONG_S)
    task = asyncio.ensure_future(writer(one, done, 1)())
    await let_others_run()
    one.release()
    one.hold(LONG_S)
    await let_others_run()
    assert (done, one.waiting) == ([], 1)
    one.release()
    await task
    assert done == [1]


async def test_a_write_that_fails_leaves_the_gate():
    """An error inside a write counts it out."""
    one = gate()
    with pytest.raises(KeyError):
        async with one.write():
            raise KeyError
    assert one.in_flight == 0
    await one.until_idle()


async def test_a_client_that_goes_away_while_waiting_is_counted_out():
    """A cancelled waiter leaves room for another and is not served later."""
    one = gate(max_waiting=1)
    done: list[int] = []
    one.hold(LONG_S)
    task = asyncio.ensure_future(writer(one, done, 1)())
    await let_others_run()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert one.waiting == 0
    one.release()
    await let_others_run()
    assert done == []
