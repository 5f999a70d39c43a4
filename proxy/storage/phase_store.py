"""The phase, small facts and the audit log in the embedded state.

Phases and facts are synced to disk whatever ``durability`` says: they are written a few times in an upgrade, and a
phase lost with the power would send clients to the wrong server.
"""

from __future__ import annotations

import sqlite3

from proxy.core.cutover import Phase
from proxy.errors import StorageError
from proxy.storage.database import Database

_AUDIT = "INSERT INTO audit (at, actor, action, detail) VALUES (?, ?, ?, ?)"


class SqlitePhaseStore:
    """``PhaseStore`` of ``proxy/services/ports.py``; the promises stand there."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def load(self) -> Phase | None:
        """The stored phase, None in a new state.

        Raises:
            StorageError: a phase that this program does not know.
        """
        row = await self._db.read(lambda conn: conn.execute("SELECT name FROM phase").fetchone())
        if row is None:
            return None
        try:
            return Phase(row[0])
        except ValueError as exc:
            raise StorageError(f"{self._db.path}: unknown phase {row[0]!r}") from exc

    async def save(self, phase: Phase, *, actor: str, action: str, detail: str, now: float) -> None:
        """Store the phase and an audit entry in one transaction, durably."""

        def save(conn: sqlite3.Connection) -> None:
            conn.execute("INSERT OR REPLACE INTO phase (only, name) VALUES (1, ?)", (phase.value,))
            conn.execute(_AUDIT, (now, actor, action, detail))

        await self._db.write(save)
        await self._db.sync()

    async def audit(self, *, actor: str, action: str, detail: str, now: float) -> None:
        """Add an audit entry."""
        await self._db.write(lambda conn: conn.execute(_AUDIT, (now, actor, action, detail)).rowcount)

    async def audit_log(self, limit: int = 100) -> list[dict[str, object]]:
        """The newest entries, newest first: ``{"at", "actor", "action", "detail"}``."""
        sql = "SELECT at, actor, action, detail FROM audit ORDER BY number DESC LIMIT ?"
        rows = await self._db.read(lambda conn: conn.execute(sql, (limit,)).fetchall())
        return [dict(zip(("at", "actor", "action", "detail"), row, strict=True)) for row in rows]

    async def get_fact(self, name: str) -> str | None:
        """A small stored fact."""
        sql = "SELECT value FROM facts WHERE name = ?"
        row = await self._db.read(lambda conn: conn.execute(sql, (name,)).fetchone())
        return None if row is None else str(row[0])

    async def set_fact(self, name: str, value: str) -> None:
        """Store a small fact, durably."""
        sql = "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)"
        await self._db.write(lambda conn: conn.execute(sql, (name, value)).rowcount)
        await self._db.sync()
