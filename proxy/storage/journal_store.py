"""The journal in the embedded state.

Each move of a record is checked against the core's table in the transaction that makes it, so a bug in a service is an
error that changes nothing, and not a record that silently took a wrong turn. What touches many records at once is in
``journal_bulk.py``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from proxy.core import record_format
from proxy.core.records import IdEntry, Intent, Outcome, Pending, Recovery, WriteRecord
from proxy.core.writes import PENDING, State, may_move
from proxy.errors import JournalUnavailableError, StorageError
from proxy.storage import journal_bulk, rows
from proxy.storage.database import Database
from proxy.storage.id_store import put_ids

_INSERT = """INSERT INTO records (state, operation, side, lane, after, fence, received_at)
    VALUES ('received', ?, ?, ?, ?, ?, ?)"""
_IN_STATE = "WHERE r.state = ? AND r.seq > ? ORDER BY r.seq LIMIT ?"
_LIGHT = f"{rows.SELECT_PENDING} {_IN_STATE}"
_SEQS = f"SELECT r.seq FROM records r {_IN_STATE}"  # noqa: S608  # a fixed text


class SqliteJournalStore:
    """``JournalStore`` of ``proxy/services/ports.py``; the promises stand there."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stored = 0
        """The highest position handed out; all below it are committed, too."""
        self._synced = 0
        """The highest position known to be on the disk."""

    async def append(self, intent: Intent, now: float) -> int:
        """Store a write in state RECEIVED and return its position.

        Raises:
            JournalUnavailableError: it cannot be stored; nothing was stored.
        Cancellation: it may be stored all the same, and is then IN_DOUBT after the next start. Shield the call.
        """
        values = (intent.operation, intent.side.value, intent.lane, rows.after_text(intent.after), intent.fence, now)
        body = record_format.encode(intent.request, intent.request_id)

        def append(conn: sqlite3.Connection) -> int:
            seq = conn.execute(_INSERT, values).lastrowid or 0
            conn.execute("INSERT INTO bodies (seq, request) VALUES (?, ?)", (seq, body))
            return seq

        try:
            seq = await self._db.write(append)
        except StorageError as exc:
            raise JournalUnavailableError(f"the journal cannot take the write: {exc.message}", hint=exc.hint) from exc
        self._stored = max(self._stored, seq)
        return seq

    async def durable(self, seq: int) -> None:
        """Return once the record at ``seq`` survives loss of power (at once where durability is ``process``)."""
        if seq <= self._synced and not self._db.failed:
            return
        stored = self._stored
        await self._db.durable()
        self._synced = max(self._synced, stored)

    async def answered(self, seq: int, outcome: Outcome, now: float) -> None:
        """Record what became of a write, and the ids learned from it, in one transaction.

        ``answered_at`` stays empty for an outcome IN_DOUBT: nobody knows of an answer yet.

        Raises:
            StorageError: no such record, or not a legal move; nothing changed.
        """
        answered_at = None if outcome.state is State.IN_DOUBT else now
        created = bool(outcome.lane and outcome.answer)

        def answered(conn: sqlite3.Connection) -> None:
            _check_move(conn, seq, outcome.state)
            conn.execute(
                "UPDATE records SET state = ?, status = ?, answered_at = ?, reason = ?, created = created OR ?,"
                " lane = CASE WHEN ? = '' THEN lane ELSE ? END WHERE seq = ?",
                (
                    outcome.state.value,
                    outcome.status,
                    answered_at,
                    outcome.reason,
                    created,
                    outcome.lane,
                    outcome.lane,
                    seq,
                ),
            )
            if outcome.answer:
                conn.execute("UPDATE bodies SET answer = ? WHERE seq = ?", (outcome.answer, seq))
            put_ids(conn, outcome.learned)

        await self._db.write(answered)

    async def delivered(
        self,
        seq: int,
        state: State,
        *,
        reason: str = "",
        detail: str = "",
        learned: Sequence[IdEntry] = (),
    ) -> None:
        """Move a record to MIRRORED, PARKED, SKIPPED or REJECTED, and record learned ids, in one transaction.

        Raises:
            StorageError: no such record, or not a legal move; nothing changed.
        """

        def delivered(conn: sqlite3.Connection) -> None:
            _check_move(conn, seq, state)
            conn.execute(
                "UPDATE records SET state = ?, reason = ?, detail = ? WHERE seq = ?",
                (state.value, reason, detail, seq),
            )
            put_ids(conn, learned)

        await self._db.write(delivered)

    async def attempt(self, seq: int) -> int:
        """Count one more delivery as begun; returns the new number of attempts."""

        def attempt(conn: sqlite3.Connection) -> int:
            conn.execute("UPDATE records SET attempts = attempts + 1 WHERE seq = ?", (seq,))
            row = conn.execute("SELECT attempts FROM records WHERE seq = ?", (seq,)).fetchone()
            if row is None:
                raise StorageError(f"there is no journal record {seq}")
            return int(row[0])

        return await self._db.write(attempt)

    async def reopen(self, seqs: Sequence[int] | None = None) -> list[Pending]:
        """Parked records (all, or those named) become ANSWERED, or IN_DOUBT when the status is not 2xx.

        Reason and detail are cleared: they told why it was parked. Others than parked ones are left alone.
        """
        return await journal_bulk.reopen(self._db, seqs)

    async def skip(self, seqs: Sequence[int], reason: str) -> int:
        """Parked or pending records become SKIPPED with that reason; returns how many did."""
        return await journal_bulk.skip(self._db, seqs, reason)

    async def close_window(self, reason: str) -> int:
        """Every record that is not final becomes SKIPPED with that reason; returns how many did."""
        return await journal_bulk.close_window(self._db, reason)

    async def pending(self, after_seq: int, limit: int) -> list[Pending]:
        """Records in RECEIVED, ANSWERED or IN_DOUBT beyond ``after_seq``, in order of position."""

        def pending(conn: sqlite3.Connection) -> list[Pending]:
            # One walk along the index per state, then merged: the cost depends on ``limit`` only.
            found = [
                rows.pending(row) for state in PENDING for row in conn.execute(_LIGHT, (state.value, after_seq, limit))
            ]
            return sorted(found, key=lambda light: light.seq)[:limit]

        return await self._db.read(pending)

    async def read(self, seq: int) -> WriteRecord | None:
        """One record in full."""
        sql = f"{rows.SELECT_RECORD} WHERE r.seq = ?"
        row = await self._db.read(lambda conn: conn.execute(sql, (seq,)).fetchone())
        return None if row is None else rows.record(row)

    async def listing(self, states: Sequence[State], *, after_seq: int = 0, limit: int = 100) -> list[WriteRecord]:
        """Records in any of ``states`` beyond ``after_seq``, in order of position."""

        def listing(conn: sqlite3.Connection) -> list[WriteRecord]:
            seqs = [row[0] for state in set(states) for row in conn.execute(_SEQS, (state.value, after_seq, limit))]
            return [
                rows.record(conn.execute(f"{rows.SELECT_RECORD} WHERE r.seq = ?", (seq,)).fetchone())
                for seq in sorted(seqs)[:limit]
            ]

        return await self._db.read(listing)

    async def parked_creates(self) -> set[str]:
        """Lanes of the objects whose create is parked; what depends on them cannot be delivered."""
        sql = "SELECT lane FROM records WHERE state = 'parked' AND created"
        return {str(lane) for (lane,) in await self._db.read(lambda conn: conn.execute(sql).fetchall())}

    async def counts(self) -> Mapping[State, int]:
        """How many records are in each state; every state is there. Takes the same time however many there are."""
        return await self._db.read(journal_bulk.counts)

    async def oldest_pending(self) -> float | None:
        """``answered_at`` of the first ANSWERED or ``received_at`` of the first IN_DOUBT record, the earlier of them.

        First by position, which is the order of arrival.
        """
        sql = """SELECT min(since) FROM (
            SELECT * FROM (SELECT answered_at AS since FROM records WHERE state = 'answered' ORDER BY seq LIMIT 1)
            UNION ALL
            SELECT * FROM (SELECT received_at AS since FROM records WHERE state = 'in_doubt' ORDER BY seq LIMIT 1))"""
        since: float | None = await self._db.read(lambda conn: conn.execute(sql).fetchone()[0])
        return since

    async def size_bytes(self) -> int:
        """Bytes that the state takes on disk."""
        return await self._db.read(lambda _: self._db.size_bytes())

    async def recover(self) -> Recovery:
        """At start: RECEIVED becomes IN_DOUBT."""
        return await self._db.write(journal_bulk.recover)

    async def prune(self, before: float, limit: int) -> int:
        """Delete at most ``limit`` MIRRORED and REJECTED records received before then; returns how many were.

        SKIPPED and PARKED ones stay, for the report of what the other side lacks.
        """
        return await self._db.write(lambda conn: journal_bulk.prune(conn, before, limit))


def _check_move(conn: sqlite3.Connection, seq: int, after: State) -> None:
    row = conn.execute("SELECT state FROM records WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        raise StorageError(f"there is no journal record {seq}")
    if not may_move(State(row[0]), after):
        raise StorageError(f"journal record {seq} is {row[0]} and cannot become {after.value}")
