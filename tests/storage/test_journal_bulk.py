"""Bulk changes go in chunks and reach everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.core.records import Outcome
from proxy.core.writes import State
from proxy.storage import journal_bulk
from proxy.storage.database import Database
from proxy.storage.journal_store import SqliteJournalStore
from tests.fakes.intents import intent


async def test_bulk_changes_take_several_transactions_and_miss_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Clients' writes can get in between the chunks; the totals and the order are those of one change."""
    monkeypatch.setattr(journal_bulk, "CHUNK", 4)
    async with Database(tmp_path / "s.db") as db:
        journal = SqliteJournalStore(db)
        seqs = [await journal.append(intent(), 1.0) for _ in range(10)]
        for seq in seqs:
            await journal.answered(seq, Outcome(State.ANSWERED, 200), 2.0)
            await journal.delivered(seq, State.PARKED)
        before = db.counters.transactions
        assert [light.seq for light in await journal.reopen()] == seqs
        assert db.counters.transactions == before + 3
        assert await journal.close_window("window_closed") == 10
        assert db.counters.transactions == before + 6
