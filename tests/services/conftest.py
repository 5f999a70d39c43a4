"""A whole proxy between two fake servers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.running_proxy import Bench


@pytest.fixture
async def bench(tmp_path) -> AsyncIterator[Bench]:
    """In phase ``mirroring``: blue serves, green follows, nothing is known yet on either side."""
    async with Bench(tmp_path) as running:
        yield running
