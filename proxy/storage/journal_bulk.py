"""What an operator or a restart does to many journal records at once.

Chunks of :data:`CHUNK` records per transaction let clients' writes have their turn in between. Each operation leaves
alone what it does not apply to, so all are safe to repeat after being cut short.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from proxy.core.records import Pending, Recovery
from proxy.core.writes import State
from proxy.storage import rows
from proxy.storage.database import Database

T = TypeVar("T")

CHUNK = 1000
"""Records that a bulk operation changes per transaction."""

_OPEN = tuple(state for state in State if not state.final)
_OPEN_SQL = ", ".join(f"'{state.value}'" for state in _OPEN)


async def reopen(db: Database, seqs: Sequence[int] | None) -> list[Pending]:
    """Parked records (all, or those named) become ANSWERED, or IN_DOUBT when the status is not 2xx.

    Reason and detail are cleared: they told why it was parked.
    """
    wanted = await _in_states(db, [State.PARKED]) if seqs is None else seqs
    return [light for done in await _chunked(db, _reopen, wanted) for light in done]


async def skip(db: Database, seqs: Sequence[int], reason: str) -> int:
    """Parked or pending records become SKIPPED with that reason; returns how many did."""
    return sum(await _chunked(db, partial(_skip, reason=reason), seqs))


async def close_window(db: Database, reason: str) -> int:
    """Every record that is not final becomes SKIPPED with that reason; returns how many did."""
    return await skip(db, await _in_states(db, _OPEN), reason)


def counts(conn: sqlite3.Connection) -> dict[State, int]:
    """How many records are in each state, from the table that the triggers keep; every state is there."""
    stored = dict(conn.execute("SELECT state, total FROM record_counts").fetchall())
    return {state: stored.get(state.value, 0) for state in State}


def recover(conn: sqlite3.Connection) -> Recovery:
    """RECEIVED becomes IN_DOUBT; counts are from before."""
    before = {state.value: total for state, total in counts(conn).items()}
    made = conn.execute("UPDATE records SET state = 'in_doubt' WHERE state = 'received'").rowcount
    return Recovery(before, made)


def prune(conn: sqlite3.Connection, before: float, limit: int) -> int:
    """Delete at most ``limit`` MIRRORED and REJECTED records received before then; returns how many were.

    Looks at the first ``limit`` of each state by position, which is the order of arrival.
    """
    gone = 0
    for state in (State.MIRRORED, State.REJECTED):
        found = conn.execute(
            "SELECT seq, received_at FROM records WHERE state = ? ORDER BY seq LIMIT ?", (state.value, limit - gone)
        ).fetchall()
        old = [(seq,) for seq, received_at in found if received_at < before]
        conn.executemany("DELETE FROM records WHERE seq = ?", old)  # the body goes with it, by its foreign key
        gone += len(old)
    return gone


def _reopen(conn: sqlite3.Connection, seqs: Sequence[int]) -> list[Pending]:
    found = []
    for seq in seqs:
        row = conn.execute("SELECT status FROM records WHERE seq = ? AND state = 'parked'", (seq,)).fetchone()
        if row is not None:
            state = State.ANSWERED if 200 <= row[0] < 300 else State.IN_DOUBT
            conn.execute("UPDATE records SET state = ?, reason = '', detail = '' WHERE seq = ?", (state.value, seq))
            found.append(rows.pending(conn.execute(f"{rows.SELECT_PENDING} WHERE r.seq = ?", (seq,)).fetchone()))
    return found


def _skip(conn: sqlite3.Connection, seqs: Sequence[int], reason: str) -> int:
    sql = f"UPDATE records SET state = 'skipped', reason = ? WHERE seq = ? AND state IN ({_OPEN_SQL})"  # noqa: S608  # fixed
    return sum(conn.execute(sql, (reason, seq)).rowcount for seq in seqs)


async def _chunked(
    db: Database, change: Callable[[sqlite3.Connection, Sequence[int]], T], seqs: Sequence[int]
) -> list[T]:
    return [await db.write(partial(_apply, change, chunk)) for chunk in _chunks(sorted(set(seqs)))]


def _apply(
    change: Callable[[sqlite3.Connection, Sequence[int]], T], chunk: Sequence[int], conn: sqlite3.Connection
) -> T:
    return change(conn, chunk)


def _chunks(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    return (seqs[start : start + CHUNK] for start in range(0, len(seqs), CHUNK))


async def _in_states(db: Database, states: Sequence[State]) -> list[int]:
    marks = ", ".join("?" * len(states))
    sql = f"SELECT seq FROM records WHERE state IN ({marks})"  # noqa: S608  # question marks only
    values = [state.value for state in states]
    return [seq for (seq,) in await db.read(lambda conn: conn.execute(sql, values).fetchall())]
