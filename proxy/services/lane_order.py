"""Writes to one object whose order shows go to the serving side one at a time.

The journal's order is the order in which intents were recorded. Two writes to one object that are under way together
may take effect in the other order, and the following side, which gets them in the journal's order, would then end with
another value of a tag, or with another content under a version's number. Writes that commute (metrics, params) do not
wait for each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from proxy.core.endpoints.spec import Match
from proxy.core.lanes import lanes_of, order_shows
from proxy.core.versions.change import Call


class LaneOrder:
    """One turn per lane at a time; a lane that nobody wants costs nothing."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, match: Match, call: Call) -> AsyncIterator[None]:
        """Hold the object's lane, from before the intent is journaled until the serving side has answered."""
        if not order_shows(match, call):
            yield
            return
        lane, _ = lanes_of(match, call)
        lock = self._locks.get(lane)
        if lock is None:
            lock = self._locks[lane] = asyncio.Lock()
        async with lock:
            yield
