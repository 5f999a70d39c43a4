"""Files on disk: who may read them, and what a clean end leaves."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from proxy.errors import StorageError
from proxy.storage.database import Database


def mode(path: Path) -> int:
    """Permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


async def test_only_the_owner_can_read_the_files(tmp_path: Path):
    """A directory that we make is 0700, every file in it 0600."""
    path = tmp_path / "state" / "s.db"
    async with Database(path) as db:
        await db.write(lambda conn: conn.execute("INSERT INTO facts VALUES ('a', 'b')").rowcount)
        names = ("s.db", "s.db-wal", "s.db-shm", "s.db.lock")
        assert {file.name: mode(file) for file in path.parent.iterdir()} == dict.fromkeys(names, 0o600)
    assert mode(path.parent) == 0o700


@pytest.fixture
def shared_directory(tmp_path: Path) -> Path:
    """A directory that others may read, with an empty state file that others may read."""
    tmp_path.chmod(0o755)
    (tmp_path / "s.db").touch(0o644)
    return tmp_path


async def test_an_existing_file_is_made_private_and_its_directory_left_alone(shared_directory: Path):
    """Somebody else's directory keeps its mode."""
    path = shared_directory / "s.db"
    async with Database(path):
        assert (mode(path), mode(shared_directory)) == (0o600, 0o755)


async def test_odd_paths_are_taken_literally(tmp_path: Path):
    """Characters that mean something in a URI do not here."""
    path = tmp_path / "a?mode=memory#b%20c.db"
    async with Database(path):
        assert path.exists()


async def test_a_path_that_cannot_be_used_is_named(tmp_path: Path):
    """A directory in the file's place, or a file in the directory's."""
    (tmp_path / "dir").mkdir()
    with pytest.raises(StorageError, match=r"dir: Is a directory"):
        await Database(tmp_path / "dir").open()
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file: (File exists|Not a directory)"):
        await Database(tmp_path / "file" / "s.db").open()
