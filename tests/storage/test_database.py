"""Group commit, isolation of neighbours, snapshots, and a loop that is never blocked."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop
from blockbuster import blockbuster_ctx

from proxy.core.records import Outcome
from proxy.core.writes import State
from proxy.errors import StorageError
from proxy.storage.database import Database
from proxy.storage.journal_store import SqliteJournalStore
from tests.fakes.intents import intent


def set_fact(name: str) -> Callable[[sqlite3.Connection], str]:
    """Work that stores a fact and returns its name."""

    def work(conn: sqlite3.Connection) -> str:
        conn.execute("INSERT INTO facts VALUES (?, 'x')", (name,))
        return name

    return work


def fact_names(conn: sqlite3.Connection) -> list[str]:
    """Work that lists the facts."""
    return [name for (name,) in conn.execute("SELECT name FROM facts ORDER BY name")]


def names_in(directory: Path) -> list[str]:
    """The files there."""
    return sorted(path.name for path in directory.iterdir())


async def queued_together(db: Database, works: list[Callable[[sqlite3.Connection], str]]) -> list[str | BaseException]:
    """Hold the writer thread until all of ``works`` are queued, so that they form one batch."""
    held, go = threading.Event(), threading.Event()

    def hold(_: sqlite3.Connection) -> None:
        held.set()
        go.wait()

    holding = asyncio.ensure_future(db.write(hold))
    await asyncio.to_thread(held.wait)
    waiting = [asyncio.ensure_future(db.write(work)) for work in works]
    await asyncio.sleep(0)  # each runs up to its place in the queue
    go.set()
    await holding
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_writes_queued_together_share_one_commit(tmp_path: Path):
    """Fifty writes that wait for the writer make one transaction, and each gets its own value."""
    async with Database(tmp_path / "s.db") as db:
        names = [f"f{number:02}" for number in range(50)]
        assert await queued_together(db, [set_fact(name) for name in names]) == names
        assert (db.counters.writes, db.counters.transactions) == (51, 2)
        assert await db.read(fact_names) == names


async def test_a_failing_write_does_not_spoil_its_neighbours(tmp_path: Path):
    """It gets its own error and leaves nothing; those before and after it in the same transaction are stored."""

    def broken(conn: sqlite3.Connection) -> str:
        set_fact("half")(conn)
        raise LookupError("a bug")

    async with Database(tmp_path / "s.db") as db:
        results = await queued_together(db, [set_fact("a"), broken, set_fact("a"), set_fact("b")])
        assert results[0] == "a"
        assert isinstance(results[1], LookupError)
        assert isinstance(results[2], StorageError)
        assert results[3] == "b"
        assert db.counters.transactions == 2
        assert await db.read(fact_names) == ["a", "b"]


async def test_a_storage_error_names_the_file_and_the_cause(tmp_path: Path):
    """What SQLite says reaches the operator together with the path."""
    async with Database(tmp_path / "s.db") as db:
        with pytest.raises(StorageError, match=r"s\.db: no such table: nowhere"):
            await db.write(lambda conn: conn.execute("INSERT INTO nowhere VALUES (1)"))
        with pytest.raises(StorageError, match=r"s\.db: no such table: nowhere"):
            await db.read(lambda conn: conn.execute("SELECT * FROM nowhere"))


async def test_text_that_sqlite_cannot_hold_is_refused(tmp_path: Path):
    """A lone surrogate from a malformed request is a StorageError, and the next write goes on."""
    async with Database(tmp_path / "s.db") as db:
        with pytest.raises(StorageError, match="cannot hold"):
            await db.write(set_fact("\ud800"))
        assert await db.write(set_fact("fine")) == "fine"


async def test_reads_see_every_answered_write_and_cannot_write(tmp_path: Path):
    """The reader has a connection of its own that is read-only."""
    async with Database(tmp_path / "s.db") as db:
        for number in range(20):
            await db.write(set_fact(f"f{number:02}"))
            assert len(await db.read(fact_names)) == number + 1
        with pytest.raises(StorageError, match="readonly"):
            await db.read(set_fact("no"))


async def test_a_read_is_one_snapshot(tmp_path: Path):
    """A commit in the middle of a read is not seen by its second half."""
    begun, go = threading.Event(), threading.Event()

    def twice(conn: sqlite3.Connection) -> tuple[list[str], list[str]]:
        before = fact_names(conn)
        begun.set()
        go.wait()
        return before, fact_names(conn)

    async with Database(tmp_path / "s.db") as db:
        reading = asyncio.ensure_future(db.read(twice))
        await asyncio.to_thread(begun.wait)
        await db.write(set_fact("new"))
        go.set()
        assert await reading == ([], [])
        assert await db.read(fact_names) == ["new"]


async def test_a_cancelled_write_that_was_not_begun_is_not_done(tmp_path: Path):
    """Giving up while queued leaves nothing behind, and the others are served."""
    held, go = threading.Event(), threading.Event()

    def hold(_: sqlite3.Connection) -> None:
        held.set()
        go.wait()

    async with Database(tmp_path / "s.db") as db:
        holding = asyncio.ensure_future(db.write(hold))
        await asyncio.to_thread(held.wait)
        given_up = asyncio.ensure_future(db.write(set_fact("given up")))
        kept = asyncio.ensure_future(db.write(set_fact("kept")))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        go.set()
        await asyncio.gather(holding, kept)
        assert await db.read(fact_names) == ["kept"]


async def test_closing_finishes_what_is_queued_and_refuses_what_comes_later(tmp_path: Path):
    """Writes queued before the close are stored; later ones fail; one file is left, and it can be opened again."""
    db = Database(tmp_path / "s.db")
    await db.open()
    waiting = [asyncio.ensure_future(db.write(set_fact(f"f{number}"))) for number in range(9)]
    await asyncio.sleep(0)
    await db.close()
    await db.close()
    assert len(await asyncio.gather(*waiting)) == 9
    for call in (db.write(fact_names), db.read(fact_names), db.durable()):
        with pytest.raises(StorageError, match="closed"):
            await call
    assert await asyncio.to_thread(names_in, tmp_path) == ["s.db", "s.db.lock"]
    await db.open()
    assert len(await db.read(fact_names)) == 9
    await db.close()


async def test_an_open_state_is_not_opened_twice(tmp_path: Path):
    """The second call is refused and the first keeps working."""
    async with Database(tmp_path / "s.db") as db:
        with pytest.raises(StorageError, match="open already"):
            await db.open()
        assert await db.read(fact_names) == []


async def test_the_event_loop_is_never_blocked(tmp_path: Path):
    """A record's whole life, with opening and closing, makes no blocking call on the loop."""
    with blockbuster_ctx("proxy"):
        async with Database(tmp_path / "s.db", "power") as db:
            journal = SqliteJournalStore(db)
            seq = await journal.append(intent(), 1.0)
            await journal.durable(seq)
            await journal.answered(seq, Outcome(State.ANSWERED, 200), 2.0)
            await journal.delivered(seq, State.MIRRORED)
            assert await journal.size_bytes() > 0
            assert (await journal.counts())[State.MIRRORED] == 1


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_it_works_under_both_event_loops(tmp_path: Path, new_loop: Callable[[], asyncio.AbstractEventLoop]):
    """Concurrent appends are all stored under asyncio's loop and under uvloop."""

    async def scenario() -> int:
        async with Database(tmp_path / "s.db", "power") as db:
            journal = SqliteJournalStore(db)
            seqs = await asyncio.gather(*(journal.append(intent(), 1.0) for _ in range(64)))
            await asyncio.gather(*(journal.durable(seq) for seq in seqs))
            return (await journal.counts())[State.RECEIVED]

    loop = new_loop()
    try:
        assert loop.run_until_complete(scenario()) == 64
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
