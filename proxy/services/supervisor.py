"""Starts, names and stops tasks; the only place that calls ``asyncio.create_task``.

A task that nobody holds a reference to may vanish in the middle of its work, and its error with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

_log = structlog.get_logger(__name__)

T = TypeVar("T")


class Supervisor:
    """Holds every task that outlives a request."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, T], name: str, *, awaited: bool = False) -> asyncio.Task[T]:
        """Start a task; an error in it is logged, unless somebody awaits it and so gets to see it."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._forget if awaited else self._ended)
        return task

    async def finish(
        self,
        work: Coroutine[Any, Any, T],
        name: str,
        discard: Callable[[T], Coroutine[Any, Any, None]] | None = None,
    ) -> T:
        """Wait for the work; cancellation of the waiter does not reach it, so what was begun is ended properly.

        A result that nobody waits for any more is given to ``discard``.
        """
        task = self.spawn(work, name, awaited=True)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if discard is not None:
                self.spawn(self._discard(task, discard), f"discard {name}")
            raise

    @staticmethod
    async def _discard(task: asyncio.Task[T], discard: Callable[[T], Coroutine[Any, Any, None]]) -> None:
        try:
            result = await task
        except Exception as error:  # noqa: BLE001 - whoever should have heard of it has left
            _log.info("failed with nobody waiting", task=task.get_name(), error=f"{type(error).__name__}: {error}")
        else:
            await discard(result)

    async def stop(self, patience_s: float) -> None:
        """Wait for tasks to end, then cancel those that remain."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=patience_s)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._forget(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("task failed", task=task.get_name(), exc_info=task.exception())
