"""The thread behind group commit."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from proxy.errors import StorageError
from proxy.storage.worker import Job, Worker, settle


def echo(jobs: list[Job[int, Any]]) -> None:
    """Answer each job with its work."""
    for job in jobs:
        job.value = job.work
    settle(jobs)


async def test_a_handler_that_fails_answers_everyone_and_goes_on():
    """Nobody waits for ever because of a bug."""

    def fragile(jobs: list[Job[int, Any]]) -> None:
        if jobs[0].work < 0:
            raise LookupError("a bug")
        echo(jobs)

    worker: Worker[int, Any] = Worker("test", fragile)
    worker.start()
    with pytest.raises(LookupError, match="a bug"):
        await worker.do(-1)
    assert await worker.do(7) == 7
    await asyncio.to_thread(worker.stop)


async def test_stopping_answers_what_is_queued_and_refuses_the_rest():
    """The thread ends only after the last job; stopping twice is fine."""
    worker: Worker[int, Any] = Worker("test", echo)
    waiting = [asyncio.ensure_future(worker.do(number)) for number in range(5)]
    await asyncio.sleep(0)
    worker.start()
    await asyncio.to_thread(worker.stop)
    await asyncio.to_thread(worker.stop)
    assert await asyncio.gather(*waiting) == list(range(5))
    with pytest.raises(StorageError, match="closed"):
        await worker.do(1)
    assert not [thread for thread in threading.enumerate() if thread.name == "test"]


async def test_a_closed_loop_does_not_hurt_the_others():
    """A waiter whose loop is gone is skipped; the next one is served."""
    entered, go = threading.Event(), threading.Event()

    def slow(jobs: list[Job[int, Any]]) -> None:
        entered.set()
        go.wait()
        echo(jobs)

    worker: Worker[int, Any] = Worker("test", slow)
    worker.start()

    def give_up() -> None:
        loop = asyncio.new_event_loop()
        task = loop.create_task(worker.do(1))
        loop.run_until_complete(asyncio.sleep(0))
        entered.wait()
        task.cancel()
        loop.run_until_complete(asyncio.wait([task]))
        loop.close()

    await asyncio.to_thread(give_up)
    go.set()
    assert await worker.do(2) == 2
    await asyncio.to_thread(worker.stop)
