"""One instance per state."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.errors import StateLockedError, StorageError
from proxy.storage.database import Database
from proxy.storage.lock import InstanceLock

HOLD = """
import sys
from pathlib import Path
from proxy.storage.lock import InstanceLock
InstanceLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path):
    """The message names the file and the holder's pid; a killed holder's lock is free."""
    path = tmp_path / "s.db.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(StateLockedError, match=rf"s\.db\.lock is held by process {child.pid}:"):
            InstanceLock(path).acquire()
        child.kill()
    lock = InstanceLock(path)
    lock.acquire()
    assert path.read_text() == f"{os.getpid()}\n"
    lock.release()
    lock.release()


async def test_a_second_database_on_the_same_file_is_refused(tmp_path: Path):
    """Also within one process; the first goes on, and its end frees the state."""
    path = tmp_path / "s.db"
    first, second = Database(path), Database(path)
    await first.open()
    with pytest.raises(StateLockedError, match=f"held by process {os.getpid()}"):
        await second.open()
    assert await first.write(lambda conn: conn.execute("INSERT INTO facts VALUES ('a', 'b')").rowcount) == 1
    await first.close()
    await second.open()
    await second.close()


def test_a_lock_file_that_cannot_be_made_is_named(tmp_path: Path):
    """A path below a plain file cannot be locked."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot open the lock file: Not a directory"):
        InstanceLock(tmp_path / "file" / "s.lock").acquire()
