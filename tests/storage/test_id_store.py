"""What only the embedded id map promises: speed that does not depend on its size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proxy.core.messages import Side
from proxy.core.records import IdEntry
from proxy.storage.database import Database
from proxy.storage.id_store import SqliteIdStore
from tests.fakes.query_plans import record_plans


@pytest.mark.parametrize(
    ("call", "plan"),
    [
        (lambda ids: ids.by_public([("k", "p")]), "INDEX sqlite_autoindex_ids_1 (kind=? AND public=?)"),
        (lambda ids: ids.by_local(Side.BLUE, [("k", "p")]), "INDEX ids_by_blue (kind=? AND blue=?)"),
        (lambda ids: ids.by_local(Side.GREEN, [("k", "p")]), "INDEX ids_by_green (kind=? AND green=?)"),
        (lambda ids: ids.differs(Side.BLUE), "INDEX ids_blue_differs"),
        (lambda ids: ids.differs(Side.GREEN), "INDEX ids_green_differs"),
        (lambda ids: ids.highest_number("k", "m/"), "sqlite_autoindex_ids_1 (kind=? AND public>? AND public<?)"),
    ],
    ids=["by_public", "blue", "green", "blue_differs", "green_differs", "highest_number"],
)
async def test_each_question_has_its_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Callable[[SqliteIdStore], Any], plan: str
):
    """SQLite's plan uses the index made for it, with every condition."""
    async with Database(tmp_path / "s.db") as db:
        ids = SqliteIdStore(db)
        await ids.put([IdEntry("k", "p", "b", "g")])
        plans = record_plans(db, monkeypatch)
        await call(ids)
    assert any(plan in line for line in plans), plans
