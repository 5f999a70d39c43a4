"""The stores that must all keep the same promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from proxy.services.ports import IdStore, JournalStore, PhaseStore
from proxy.storage.database import Database
from proxy.storage.id_store import SqliteIdStore
from proxy.storage.journal_store import SqliteJournalStore
from proxy.storage.phase_store import SqlitePhaseStore
from tests.fakes.memory_stores import MemoryIdStore, MemoryJournalStore, MemoryPhaseStore


@dataclass(frozen=True)
class Stores:
    """One state. The types are the services' Protocols, so mypy checks here that every implementation fits them."""

    journal: JournalStore
    ids: IdStore
    phases: PhaseStore


@pytest.fixture(params=["sqlite", "memory"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    """An empty state of each kind."""
    if request.param == "memory":
        ids = MemoryIdStore()
        yield Stores(MemoryJournalStore(ids), ids, MemoryPhaseStore())
        return
    async with Database(tmp_path / "state.db") as db:
        yield Stores(SqliteJournalStore(db), SqliteIdStore(db), SqlitePhaseStore(db))
