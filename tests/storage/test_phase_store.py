"""What only the embedded phase store promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.core.cutover import Phase
from proxy.errors import StorageError
from proxy.storage.database import Database
from proxy.storage.phase_store import SqlitePhaseStore


async def test_phases_and_facts_are_synced_even_where_writes_are_not(tmp_path: Path):
    """A phase lost with the power would send clients to the wrong server."""
    async with Database(tmp_path / "s.db", "process") as db:
        store = SqlitePhaseStore(db)
        await store.save(Phase.MIRRORING, actor="ann", action="mirror", detail="", now=1.0)
        await store.set_fact("a", "1")
        await store.audit(actor="ann", action="look", detail="", now=2.0)
        assert db.counters.syncs == 2


async def test_phase_facts_and_audit_log_survive_reopening(tmp_path: Path):
    """A restart finds what was stored."""
    path = tmp_path / "s.db"
    async with Database(path) as db:
        store = SqlitePhaseStore(db)
        await store.save(Phase.RECORDING, actor="ann", action="record", detail="", now=1.0)
        await store.set_fact("a", "1")
    async with Database(path) as db:
        store = SqlitePhaseStore(db)
        assert await store.load() is Phase.RECORDING
        assert await store.get_fact("a") == "1"
        assert len(await store.audit_log()) == 1


async def test_an_unknown_phase_is_refused(tmp_path: Path):
    """Guessing a phase could send writes to the wrong server."""
    async with Database(tmp_path / "s.db") as db:
        await db.write(lambda conn: conn.execute("INSERT INTO phase VALUES (1, 'sideways')").rowcount)
        with pytest.raises(StorageError, match=r"s\.db: unknown phase 'sideways'"):
            await SqlitePhaseStore(db).load()
