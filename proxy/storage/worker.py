"""A thread that takes everything queued as one batch, and answers on the event loops that asked.

While a batch is being worked on (a commit, an fsync), the next one gathers; that is all there is to group commit. A
busy queue makes large batches and an idle one batches of one, without any waiting on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from proxy.errors import StorageError

T = TypeVar("T")
W = TypeVar("W")


class Job(Generic[W, T]):
    """Work, and the future of whoever waits for it. ``value`` or ``error`` is set by the thread."""

    __slots__ = ("error", "future", "loop", "value", "work")

    def __init__(self, work: W) -> None:
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.value: T | None = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Answer the waiter; on its loop only. A waiter that was cancelled meanwhile is left alone."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)  # type: ignore[arg-type]  # T may itself be Optional; it was assigned


def _settle_all(jobs: Iterable[Job[W, T]]) -> None:
    for job in jobs:
        job.settle()


def settle(jobs: Iterable[Job[W, T]]) -> None:
    """Answer jobs from another thread, with one wake-up per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job[W, T]]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, mine in by_loop.items():
        # RuntimeError: that loop is closed, so nobody waits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle_all, mine)


class Worker(Generic[W, T]):
    """The thread.

    Args:
        name: of the thread.
        handle: works on a batch: sets ``value`` or ``error`` of every job and settles them. Should not raise; if it
            does, every job of the batch gets that error and the thread goes on.
        idle: called once, when nothing came for ``idle_s`` seconds after a batch.
        idle_s: see ``idle``.
    """

    def __init__(
        self,
        name: str,
        handle: Callable[[list[Job[W, T]]], None],
        *,
        idle: Callable[[], None] | None = None,
        idle_s: float = 1.0,
    ) -> None:
        self._handle = handle
        self._idle = idle
        self._idle_s = idle_s
        self._queue: queue.SimpleQueue[Job[W, T] | None] = queue.SimpleQueue()
        self._closed = False
        self._gate = threading.Lock()
        # A daemon: nothing here may keep a process alive that wants to end; every commit survives that.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    async def do(self, work: W) -> T:
        """Queue work and wait for it.

        Raises:
            StorageError: the worker was stopped.
        """
        job: Job[W, T] = Job(work)
        with self._gate:  # nothing may be queued behind the end mark, it would wait for ever
            if self._closed:
                raise StorageError("the state is closed")
            self._queue.put(job)
        return await job.future

    def stop(self) -> None:
        """Finish what is queued and end the thread. Blocks: call it off the event loop."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        rested = True
        while True:
            try:
                found = self._queue.get(timeout=None if rested or self._idle is None else self._idle_s)
            except queue.Empty:
                rested = True
                if self._idle is not None:
                    self._idle()
                continue
            batch: list[Job[W, T]] = []
            with contextlib.suppress(queue.Empty):
                while found is not None:
                    batch.append(found)
                    found = self._queue.get_nowait()
            if batch:
                rested = False
                self._work(batch)
            if found is None:
                return

    def _work(self, batch: list[Job[W, T]]) -> None:
        try:
            self._handle(batch)
        except Exception as exc:  # noqa: BLE001  # whatever it is, those who wait must hear of it
            for job in batch:
                job.error = exc
            settle(batch)
