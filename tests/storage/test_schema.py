"""Which files are taken, and how they are brought up to date."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from proxy.errors import StorageError
from proxy.storage import schema
from proxy.storage.database import Database


def run(path: Path, *statements: str) -> None:
    """Change a file behind Tightrope's back."""
    with contextlib.closing(sqlite3.connect(path)) as conn:
        for statement in statements:
            conn.execute(statement)
        conn.commit()


async def test_a_newer_schema_is_refused_untouched(tmp_path: Path):
    """The message says both versions and what to do."""
    path = tmp_path / "s.db"
    async with Database(path):
        pass
    run(path, f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="newer than") as raised:
        await Database(path).open()
    assert "run the Tightrope version" in raised.value.hint
    assert path.read_bytes() == before


async def test_another_programs_database_is_refused_untouched(tmp_path: Path):
    """A state path pointed at MLflow's own database by mistake must not change it."""
    path = tmp_path / "mlflow.db"
    run(path, "CREATE TABLE experiments (experiment_id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="another program's"):
        await Database(path).open()
    assert path.read_bytes() == before


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    """The message names the file; the lock is free again."""
    path = tmp_path / "s.db"
    path.write_bytes(b"something else entirely" * 100)
    for _ in range(2):
        with pytest.raises(StorageError, match=r"s\.db: file is not a database"):
            await Database(path).open()


def test_migrations_run_once_each_and_in_order(monkeypatch: pytest.MonkeyPatch):
    """A file gets what it lacks; one that fails leaves the version where it was."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        monkeypatch.setattr(schema, "MIGRATIONS", (("CREATE TABLE a (x)",),))
        schema.migrate(conn)
        schema.migrate(conn)
        monkeypatch.setattr(schema, "MIGRATIONS", (("bad",), ("CREATE TABLE b (x)", "CREATE TABLE a (x)")))
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            schema.migrate(conn)
        assert conn.execute("PRAGMA user_version").fetchone() == (1,)
        assert conn.execute("SELECT name FROM sqlite_master").fetchall() == [("a",)]
