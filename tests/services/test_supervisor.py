"""Tasks that outlive a request."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from proxy.services.supervisor import Supervisor

LONG_S = 3600.0


async def test_a_task_has_its_name_and_its_result():
    """What is spawned runs by itself and can be awaited."""

    async def work() -> int:
        return 3

    task = Supervisor().spawn(work(), "count")
    assert task.get_name() == "count"
    assert await task == 3


async def test_finish_ends_what_was_begun():
    """Who waits may be cancelled; the work goes on to its end all the same."""
    supervisor, go, ended = Supervisor(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go.wait()
        ended.set()

    waiter = asyncio.ensure_future(supervisor.finish(work(), "write"))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert not ended.is_set()
    go.set()
    await ended.wait()


async def test_finish_passes_result_and_error_on():
    """Without a cancellation it is as if the work were awaited."""

    async def work(fails: bool) -> int:
        if fails:
            raise KeyError("x")
        return 3

    assert await Supervisor().finish(work(False), "fine") == 3
    with pytest.raises(KeyError):
        await Supervisor().finish(work(True), "failing")


async def test_stop_lets_tasks_end():
    """Within the patience given, tasks end by themselves and are not cancelled."""
    supervisor, ended = Supervisor(), []

    async def work() -> None:
        await asyncio.sleep(0)
        ended.append(1)

    supervisor.spawn(work(), "short")
    await supervisor.stop(LONG_S)
    assert ended == [1]


async def test_stop_cancels_what_remains():
    """A task that does not end is cancelled, and has cleaned up when ``stop`` returns."""
    supervisor, cleaned = Supervisor(), []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(1)

    task = supervisor.spawn(work(), "endless")
    await asyncio.sleep(0)
    await supervisor.stop(0.0)
    assert task.cancelled()
    assert cleaned == [1]


async def test_stop_without_tasks_returns_at_once():
    """Nothing to wait for is no reason to wait."""
    await Supervisor().stop(LONG_S)


async def test_an_error_that_nobody_awaits_is_logged():
    """The failure of a background task leaves a trace with its name."""

    async def work() -> None:
        raise KeyError("lost")

    with capture_logs() as logs:
        task = Supervisor().spawn(work(), "background")
        await asyncio.wait([task])
        await asyncio.sleep(0)
    assert [(entry["task"], repr(entry["exc_info"])) for entry in logs] == [("background", "KeyError('lost')")]
