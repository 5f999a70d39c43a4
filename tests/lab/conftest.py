"""Shared by the lab's tests: the versions, and a look at the process table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

VERSIONS = ("1.30.1", "2.22.4", "3.17.2")


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """One of the three versions that everything in the lab is checked with."""
    return str(request.param)


@pytest.fixture
def group_members() -> Callable[[int], list[int]]:
    """A function that lists the processes, zombies included, of a process group."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs Linux's /proc")
    return _group_members


def _group_members(group: int) -> list[int]:
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        if int(fields[2]) == group:
            members.append(int(stat.parent.name))
    return members
