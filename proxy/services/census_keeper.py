"""Carries the census over a restart: it is stored as one fact, every half minute if something changed."""

from __future__ import annotations

import asyncio

import structlog

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.versions.bundle import CHANGES
from proxy.core.versions.translate import OTHER_PATH
from proxy.errors import StorageError
from proxy.services.census import Census
from proxy.services.ports import Clock, PhaseStore
from proxy.services.recorder import HOME

_log = structlog.get_logger(__name__)

FACT = "census"
EVERY_S = 30.0


class CensusKeeper:
    """Loads and saves one census. What was counted after the last save is lost when the process is killed."""

    def __init__(self, census: Census, store: PhaseStore, clock: Clock) -> None:
        self._census = census
        self._store = store
        self._clock = clock

    async def load(self) -> None:
        """Take up what was stored; something unreadable is left alone, and counting begins anew."""
        text = await self._store.get_fact(FACT)
        if text is None:
            return
        try:
            self._census.restore(text, CATALOGUE, (OTHER_PATH, HOME, *(change.name for change in CHANGES)))
        except ValueError as exc:
            _log.warning("clients are counted from zero", error=str(exc))

    async def save(self) -> None:
        """Store it if something was noted since; a store that fails is tried again the next time."""
        if not self._census.changed:
            return
        try:
            await self._store.set_fact(FACT, self._census.dumped(self._clock()))
        except StorageError as exc:
            self._census.changed = True
            _log.warning("counts of clients not stored", error=exc.message)

    async def run(self) -> None:
        """Save for ever."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.save()
