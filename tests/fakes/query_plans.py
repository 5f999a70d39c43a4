"""A state whose reads also tell how SQLite would go about them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from proxy.storage.database import Database


class _Watched:
    def __init__(self, conn: sqlite3.Connection, plans: list[str]) -> None:
        self._conn = conn
        self._plans = plans

    def execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        self._plans.extend(row[3] for row in self._conn.execute(f"EXPLAIN QUERY PLAN {sql}", values))
        return self._conn.execute(sql, values)


def record_plans(db: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on each line of the plan of each statement that ``db.read`` runs is added to the list returned.

    A line is like ``SEARCH r USING INDEX records_by_state (state=? AND seq>?)``, or ``SCAN …`` for a walk over all.
    """
    plans: list[str] = []
    original = db.read

    async def read(work: Callable[[Any], Any]) -> Any:
        return await original(lambda conn: work(_Watched(conn, plans)))

    monkeypatch.setattr(db, "read", read)
    return plans
