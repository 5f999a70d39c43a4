"""The census across restarts."""

from __future__ import annotations

import asyncio

import pytest

from proxy.errors import StorageError
from proxy.services import census_keeper
from proxy.services.census import Census
from proxy.services.census_keeper import FACT, CensusKeeper
from tests.fakes.memory_stores import MemoryPhaseStore

AGENT = "mlflow-python-client/1.30.1"


def keeper(store: MemoryPhaseStore) -> tuple[Census, CensusKeeper]:
    census = Census()
    return census, CensusKeeper(census, store, lambda: 100.0)


async def test_what_was_saved_is_loaded():
    """Requests, operations, the changes that the bundle knows and what the other side did."""
    store = MemoryPhaseStore()
    census, kept = keeper(store)
    await kept.load()
    census.note(AGENT, "ListExperiments", ("list_experiments_by_search", "home"), 50.0)
    await kept.save()
    again, loading = keeper(store)
    await loading.load()
    assert again.seen() == census.seen()
    assert again.uses() == census.uses()


async def test_nothing_is_written_when_nothing_changed():
    """An idle proxy leaves the disk alone."""
    store = MemoryPhaseStore()
    _, kept = keeper(store)
    await kept.save()
    assert await store.get_fact(FACT) is None


async def test_something_unreadable_is_no_obstacle():
    """Counting begins anew."""
    store = MemoryPhaseStore()
    await store.set_fact(FACT, "{")
    census, kept = keeper(store)
    await kept.load()
    assert census.seen() == ()


async def test_a_store_that_fails_is_tried_again(monkeypatch):
    """Nothing is lost but time."""
    store = MemoryPhaseStore()
    census, kept = keeper(store)
    census.note(AGENT, "GetRun", (), 1.0)

    async def broken(*_: str) -> None:
        raise StorageError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(store, "set_fact", broken)
        await kept.save()
    changed = [census.changed]
    await kept.save()
    changed.append(census.changed)
    assert changed == [True, False]
    assert await store.get_fact(FACT) is not None


async def test_it_saves_by_itself(monkeypatch):
    """Every half minute; here every moment."""
    monkeypatch.setattr(census_keeper, "EVERY_S", 0.001)
    store = MemoryPhaseStore()
    census, kept = keeper(store)
    census.note(AGENT, "GetRun", (), 1.0)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(kept.run(), 0.2)
    assert await store.get_fact(FACT) is not None
