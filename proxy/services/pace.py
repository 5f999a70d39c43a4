"""When a delivery that failed is tried again, and when nothing is tried because the following side is down.

A record waits on its own; a following side that cannot be reached makes everything wait, longer each time, with one
delivery at a time as the probe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from proxy.core.backoff import delay_s
from proxy.errors import NotReachedError, ServerFailedError, UpstreamError, UpstreamTimeoutError


class RetrySettings(Protocol):
    """The part of the configuration that the mirror reads."""

    @property
    def concurrency(self) -> int:
        """Lanes delivered at once."""
        ...

    @property
    def retry_initial_s(self) -> float:
        """Pause before the first retry."""
        ...

    @property
    def retry_max_s(self) -> float:
        """Longest pause."""
        ...


class Pace:
    """The timers of one mirror; to be used inside a running loop."""

    def __init__(self, settings: RetrySettings, again: Callable[[int], None]) -> None:
        self._settings = settings
        self._again = again  # a record's turn has come
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._failures = 0  # attempts since the following side was last reached
        self._resume_at = 0.0

    @property
    def down(self) -> bool:
        """Whether the following side could not be reached the last time."""
        return self._failures > 0

    @property
    def slots(self) -> int:
        """Deliveries at once."""
        return 1 if self.down else self._settings.concurrency

    @property
    def pause_s(self) -> float:
        """How long nothing is to be delivered; 0 or less when it may."""
        return self._resume_at - asyncio.get_running_loop().time()

    def reached(self) -> None:
        """The following side answered."""
        self._failures = 0

    def put_off(self, seq: int, attempts: int, error: UpstreamError, following: str) -> None:
        """A record's delivery to the side named ``following`` failed for the ``attempts``-th time."""
        pause = delay_s(attempts, self._settings.retry_initial_s, self._settings.retry_max_s)
        if isinstance(error, NotReachedError) and error.side == following:
            self._slow_down()
            pause = 0.0
        self.later(seq, pause)

    def later(self, seq: int, pause_s: float) -> None:
        """A record is to be tried again after a pause."""

        def ring() -> None:
            self._timers.pop(seq, None)
            self._again(seq)

        self._timers[seq] = asyncio.get_running_loop().call_later(pause_s, ring)

    def hurry(self) -> None:
        """Nothing waits for its next attempt any longer."""
        self._resume_at = 0.0
        waiting, self._timers = self._timers, {}
        for seq, timer in waiting.items():
            timer.cancel()
            self._again(seq)

    def _slow_down(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._resume_at:  # deliveries that failed together are one failure
            self._failures += 1
            pause = delay_s(self._failures, self._settings.retry_initial_s, self._settings.retry_max_s)
            self._resume_at = now + pause


def reason_of(error: UpstreamError) -> str:
    """Why a delivery was put off, as a label."""
    if isinstance(error, NotReachedError):
        return "not_reached"
    if isinstance(error, UpstreamTimeoutError):
        return "timeout"
    return "server_error" if isinstance(error, ServerFailedError) else "interrupted"
