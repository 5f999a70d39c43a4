"""One stack of real servers per pair of versions, kept for the whole session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stacks import Stack

PAIRS = (("1.30.1", "3.17.2"), ("2.22.4", "3.17.2"), ("1.30.1", "2.22.4"))


@pytest.fixture(scope="session", params=PAIRS, ids="-to-".join)
def running_stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Both servers and Tightrope; pytest runs all tests of one pair before it starts the next."""
    blue, green = request.param
    with Stack(blue, green, tmp_path_factory.mktemp(f"{blue}-to-{green}-")) as stack:
        yield stack


@pytest.fixture
def stack(running_stack: Stack) -> Stack:
    """The pair, whole again whatever the test before did to it."""
    return running_stack.heal()


@pytest.fixture
def own_stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    """A pair for one test, whose objects one side holds in another form, so that the two cannot be compared by rows."""
    blue, green = request.param
    with Stack(blue, green, tmp_path) as stack:
        yield stack
