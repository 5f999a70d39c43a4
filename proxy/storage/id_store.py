"""The id map in the embedded state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from proxy.core.messages import Side
from proxy.core.records import IdEntry
from proxy.storage.database import Database

_COLUMNS = "kind, public, blue, green"

_PUT = """INSERT INTO ids (kind, public, blue, green) VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, public) DO UPDATE
    SET blue = coalesce(excluded.blue, blue), green = coalesce(excluded.green, green)"""

_LAST_CHARACTER = chr(0x10FFFF)


def put_ids(conn: sqlite3.Connection, entries: Iterable[IdEntry]) -> None:
    """Insert or complete entries within the caller's transaction; the journal learns ids through this, too."""
    conn.executemany(_PUT, ((entry.kind, entry.public, entry.blue, entry.green) for entry in entries))


class SqliteIdStore:
    """``IdStore`` of ``proxy/services/ports.py``; the promises stand there."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def by_public(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], IdEntry]:
        """Entries for ``(kind, public id)`` pairs; unknown ones are absent."""
        return await self._find("public", keys)

    async def by_local(self, side: Side, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], IdEntry]:
        """Entries for ``(kind, local id on side)`` pairs; unknown ones are absent.

        Should two objects claim one local id, the one whose public id sorts first is given.
        """
        return await self._find(side.value, keys)

    async def _find(self, column: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], IdEntry]:
        # "+" keeps SQLite from walking a whole kind in the order of its public ids to save the sorting of one row.
        sql = f"SELECT {_COLUMNS} FROM ids WHERE kind = ? AND {column} = ? ORDER BY +public LIMIT 1"  # noqa: S608  # fixed

        def find(conn: sqlite3.Connection) -> dict[tuple[str, str], IdEntry]:
            found: dict[tuple[str, str], IdEntry] = {}
            for key in keys:
                row = conn.execute(sql, key).fetchone()
                if row is not None:
                    found[key] = IdEntry(*row)
            return found

        return await self._db.read(find) if keys else {}

    async def put(self, entries: Sequence[IdEntry]) -> None:
        """Insert or complete entries; a known local id is replaced only by another non-null one."""
        if entries:
            await self._db.write(lambda conn: put_ids(conn, entries))

    async def differs(self, side: Side) -> bool:
        """Whether any entry's local id on ``side`` is not its public id; takes the same time however many there are."""
        column = side.value
        # INDEXED BY makes it an error, rather than a slow scan, should the partial index ever not fit the question.
        sql = f"SELECT EXISTS (SELECT 1 FROM ids INDEXED BY ids_{column}_differs WHERE {column} <> public)"  # noqa: S608
        return bool(await self._db.read(lambda conn: conn.execute(sql).fetchone()[0]))

    async def highest_number(self, kind: str, prefix: str = "") -> int:
        """The largest public id after ``prefix`` that is a plain decimal number below 10**12; 0 when there is none.

        Plain: digits only, no leading zero. Reads the entries that begin with ``prefix``, by index.
        """
        sql = """SELECT max(CAST(number AS INTEGER)) FROM
            (SELECT substr(public, ?) AS number FROM ids WHERE kind = ? AND public >= ? AND public < ?)
            WHERE number NOT GLOB '*[^0-9]*' AND number NOT LIKE '0%' AND length(number) BETWEEN 1 AND 12"""
        values = (len(prefix) + 1, kind, prefix, prefix + _LAST_CHARACTER)
        return await self._db.read(lambda conn: conn.execute(sql, values).fetchone()[0]) or 0
