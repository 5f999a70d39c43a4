"""The gate that writes pass, and that a hold closes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.errors import HoldExpiredError
from proxy.services.ports import Clock


class Gate:
    """Counts writes under way; while it is held, new ones wait in order, for a bounded time and in bounded number."""

    def __init__(self, clock: Clock, *, max_waiting: int) -> None:
        self._clock = clock
        self._max_waiting = max_waiting
        self._max_wait_s = 0.0
        self._open = asyncio.Event()
        self._open.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.in_flight = 0
        self.waiting = 0
        self.held_since: float | None = None

    @property
    def held(self) -> bool:
        """Whether writes are being held."""
        return self.held_since is not None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[None]:
        """Pass one write that ends with the block; see ``enter``."""
        await self.enter()
        try:
            yield
        finally:
            self.leave()

    async def enter(self) -> None:
        """Begin a write, which ``leave`` ends. Cancelled while waiting, it never began.

        Raises:
            HoldExpiredError: held for longer than a write may wait, or too many wait already; it was not sent.
        """
        while not self._open.is_set():
            await self._wait()
        self.in_flight += 1
        self._idle.clear()

    def leave(self) -> None:
        """A write ended."""
        self.in_flight -= 1
        if self.in_flight == 0:
            self._idle.set()

    async def _wait(self) -> None:
        hint = "The client may retry; MLflow's clients do so by themselves."
        if self.waiting >= self._max_waiting:
            raise HoldExpiredError("writes are being held for a switch, and too many are waiting already", hint=hint)
        self.waiting += 1
        try:
            await asyncio.wait_for(self._open.wait(), self._max_wait_s)
        except asyncio.TimeoutError:
            message = f"writes have been held for more than {self._max_wait_s:g} s"
            raise HoldExpiredError(message, hint=hint) from None
        finally:
            self.waiting -= 1

    def hold(self, max_wait_s: float) -> None:
        """Make new writes wait, each for at most ``max_wait_s``; those under way go on."""
        self._max_wait_s = max_wait_s
        if self.held_since is None:
            self.held_since = self._clock()
            self._open.clear()

    def release(self) -> None:
        """Let the waiting writes go, in the order in which they came."""
        self.held_since = None
        self._open.set()

    async def until_idle(self) -> None:
        """Return once no write is under way."""
        await self._idle.wait()
