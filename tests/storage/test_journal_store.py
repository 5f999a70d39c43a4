"""What only the embedded journal promises: full disks, restarts, damage, size."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from proxy.core.records import IdEntry, Outcome, WriteRecord
from proxy.core.writes import State
from proxy.errors import JournalUnavailableError, StorageError
from proxy.storage.database import Database
from proxy.storage.id_store import SqliteIdStore
from proxy.storage.journal_store import SqliteJournalStore
from tests.fakes.intents import intent
from tests.fakes.query_plans import record_plans

FILE_SIZE_LIMIT = """
import asyncio, resource, sys
from pathlib import Path
from proxy.errors import JournalUnavailableError
from proxy.storage.database import Database
from proxy.storage.journal_store import SqliteJournalStore
from tests.fakes.intents import intent

async def main():
    async with Database(Path(sys.argv[1]), "power") as db:
        journal = SqliteJournalStore(db)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        stored = 0
        try:
            while True:
                seq = await journal.append(intent(), 1.0)
                stored += 1
        except JournalUnavailableError as exc:
            print(exc)
        counts = await journal.counts()
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        await journal.durable(await journal.append(intent(), 1.0))
        print(stored, sum(counts.values()), sum((await journal.counts()).values()), repr(db.failed))

asyncio.run(main())
"""


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty state."""
    async with Database(tmp_path / "s.db", "power") as opened:
        yield opened


async def run(db: Database, sql: str, *values: object) -> list[Any]:
    """One statement, past the store."""
    return await db.write(lambda conn: conn.execute(sql, values).fetchall())


async def test_a_full_database_refuses_writes_and_recovers(db: Database):
    """Appends fail with the path and the cause, nothing is stored, reads go on; with space again, writes go on."""
    journal = SqliteJournalStore(db)
    await run(db, "PRAGMA max_page_count = 1")  # SQLite takes the current size where that is larger
    stored = 0

    async def fill() -> None:
        nonlocal stored
        while True:
            await journal.append(intent(), 1.0)
            stored += 1

    with pytest.raises(JournalUnavailableError, match=r"s\.db: database or disk is full"):
        await fill()
    with pytest.raises(StorageError, match="full"):
        await SqliteIdStore(db).put([IdEntry("token", str(number), "b") for number in range(10_000)])
    assert (await journal.counts())[State.RECEIVED] == stored
    await run(db, "PRAGMA max_page_count = 1000000")
    seq = await journal.append(intent(), 1.0)
    await journal.durable(seq)
    assert (await journal.counts())[State.RECEIVED] == stored + 1
    assert db.failed == ""


async def test_a_failing_disk_refuses_writes_and_recovers(tmp_path: Path):
    """Real write errors (a limit on file sizes): nothing half stored, and writes go on once they succeed again."""
    child = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", FILE_SIZE_LIMIT, str(tmp_path / "s.db")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.stderr == ""
    message, numbers = child.stdout.splitlines()
    assert "the journal cannot take the write" in message
    assert "s.db: disk I/O error" in message
    stored, kept, after, failed = numbers.split()
    assert int(stored) > 0
    assert (kept, after, failed) == (stored, str(int(stored) + 1), "''")


async def test_everything_survives_reopening(tmp_path: Path):
    """Records, ids and the next position are as they were; positions of pruned records are not used again."""
    path = tmp_path / "s.db"
    async with Database(path) as db:
        journal = SqliteJournalStore(db)
        seqs = [await journal.append(intent(), 1.0) for _ in range(3)]
        entry = IdEntry("token", "p", "p", "g")
        await journal.answered(seqs[0], Outcome(State.ANSWERED, 200, b"{}", "run:x", (entry,), "why"), 2.0)
        await journal.answered(seqs[2], Outcome(State.REJECTED, 400), 2.0)
        assert await journal.prune(5.0, 10) == 1
        before = await journal.read(seqs[0])
    async with Database(path) as db:
        journal = SqliteJournalStore(db)
        assert await journal.read(seqs[0]) == before
        assert before is not None
        assert before.intent.lane == "run:x"
        assert await SqliteIdStore(db).by_public([("token", "p")]) == {("token", "p"): entry}
        assert (await journal.recover()).made_in_doubt == 1
        assert await journal.append(intent(), 1.0) == seqs[2] + 1


async def test_a_damaged_request_is_named(db: Database):
    """The error says which record; the others can be read."""
    journal = SqliteJournalStore(db)
    first, second = [await journal.append(intent(), 1.0) for _ in range(2)]
    await run(db, "UPDATE bodies SET request = substr(request, 1, 40) WHERE seq = ?", first)
    with pytest.raises(StorageError, match=f"record {first} cannot be read: the checksum"):
        await journal.read(first)
    assert await journal.read(second) == WriteRecord(second, State.RECEIVED, intent(), 1.0)


async def test_an_unknown_state_is_named(db: Database):
    """A record that this program cannot interpret is an error, not a guess."""
    journal = SqliteJournalStore(db)
    seq = await journal.append(intent(), 1.0)
    await run(db, "UPDATE records SET side = 'purple' WHERE seq = ?", seq)
    with pytest.raises(StorageError, match=f"record {seq} cannot be read: 'purple'"):
        await journal.pending(0, 10)


async def test_a_malformed_lane_is_refused_as_unavailable(db: Database):
    """Text that cannot be stored means that nothing was stored and nothing may be forwarded."""
    journal = SqliteJournalStore(db)
    with pytest.raises(JournalUnavailableError, match="cannot hold"):
        await journal.append(intent("run:\ud800"), 1.0)
    assert (await journal.counts())[State.RECEIVED] == 0


async def test_pruning_takes_old_final_records_with_their_bodies_and_keeps_the_rest(db: Database):
    """MIRRORED and REJECTED go, oldest first and at most so many; SKIPPED, PARKED and pending ones stay."""
    journal = SqliteJournalStore(db)
    for received_at in (1.0, 2.0, 9.0):
        for state in (State.MIRRORED, State.SKIPPED, State.PARKED):
            seq = await journal.append(intent(), received_at)
            await journal.answered(seq, Outcome(State.ANSWERED, 200), received_at)
            await journal.delivered(seq, state)
        await journal.answered(await journal.append(intent(), received_at), Outcome(State.REJECTED, 400), received_at)
        await journal.append(intent(), received_at)
    assert await journal.prune(5.0, 3) == 3
    assert await journal.prune(5.0, 3) == 1
    assert await journal.prune(5.0, 3) == 0
    wanted = {State.MIRRORED: 1, State.REJECTED: 1, State.SKIPPED: 3, State.PARKED: 3, State.RECEIVED: 3}
    assert await journal.counts() == {**dict.fromkeys(State, 0), **wanted}
    assert await run(db, "SELECT count(*) FROM bodies") == [(11,)]


async def test_counts_always_agree_with_the_records(db: Database):
    """The table kept by triggers says what counting would say, after every kind of change."""
    journal = SqliteJournalStore(db)
    for _ in range(8):
        await journal.append(intent(), 1.0)
    await journal.recover()
    await journal.delivered(1, State.PARKED)
    await journal.delivered(2, State.MIRRORED)
    await journal.reopen()
    await journal.skip([3, 4], "operator")
    await journal.prune(5.0, 10)
    await journal.close_window("window_closed")
    counted = await run(db, "SELECT state, count(*) FROM records GROUP BY state")
    assert {state.value: total for state, total in (await journal.counts()).items() if total} == dict(counted)


@pytest.mark.parametrize(
    "call",
    [
        lambda journal: journal.pending(5, 10),
        lambda journal: journal.listing([State.PARKED, State.MIRRORED]),
        lambda journal: journal.oldest_pending(),
        lambda journal: journal.parked_creates(),
        lambda journal: journal.counts(),
    ],
    ids=["pending", "listing", "oldest_pending", "parked_creates", "counts"],
)
async def test_no_frequent_question_scans_the_records(
    db: Database, call: Callable[[SqliteJournalStore], Any], monkeypatch: pytest.MonkeyPatch
):
    """SQLite's plan for every statement of it searches an index, however many records are mirrored."""
    journal = SqliteJournalStore(db)
    await journal.append(intent(), 1.0)
    plans = record_plans(db, monkeypatch)
    await call(journal)
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN r") and plan != "SCAN record_counts"]
