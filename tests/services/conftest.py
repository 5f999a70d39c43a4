"""A whole proxy between two fake servers, and the part of it that speaks to both on its own behalf."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.running_proxy import Bench
from tests.fakes.two_sides import TwoSides, two_sides


@pytest.fixture
async def bench(tmp_path) -> AsyncIterator[Bench]:
    """In phase ``mirroring``: blue serves, green follows, nothing is known yet on either side."""
    async with Bench(tmp_path) as running:
        yield running


@pytest.fixture
async def sides() -> AsyncIterator[TwoSides]:
    """Backends, clients and syncer, without a proxy."""
    async with two_sides() as joined:
        yield joined
