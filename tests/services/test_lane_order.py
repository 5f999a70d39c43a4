"""Which writes to one object wait for each other."""

from __future__ import annotations

import asyncio

import pytest

from proxy.core.endpoints.catalogue import match
from proxy.core.endpoints.spec import Match
from proxy.core.versions.change import Call
from proxy.services.lane_order import LaneOrder

API = "/api/2.0/mlflow"


def _write(path: str, arguments: dict[str, object]) -> tuple[Match, Call]:
    found = match("POST", f"{API}/{path}")
    assert found is not None
    return found, Call(found.operation.name, arguments)


async def _together(first: tuple[Match, Call], second: tuple[Match, Call]) -> bool:
    """Whether the second may begin while the first is under way."""
    order = LaneOrder()

    async def enter() -> None:
        async with order.turn(*second):
            pass

    async with order.turn(*first):
        waiting = asyncio.ensure_future(enter())
        for _ in range(5):  # an uncontended turn needs no loop iteration beyond its own
            await asyncio.sleep(0)
        together = waiting.done()
    await waiting
    return together


TAG = _write("runs/set-tag", {"run_id": "a", "key": "k", "value": "1"})
OTHER_RUN = _write("runs/set-tag", {"run_id": "b", "key": "k", "value": "1"})
METRIC = _write("runs/log-metric", {"run_id": "a", "key": "k", "value": 1})
POINTS = _write("runs/log-batch", {"run_id": "a", "metrics": [{"key": "k", "value": 1}]})
TAGS = _write("runs/log-batch", {"run_id": "a", "tags": [{"key": "k", "value": "2"}]})
VERSION = _write("model-versions/create", {"name": "m", "source": "s"})
RUN = _write("runs/create", {"experiment_id": "0"})


@pytest.mark.parametrize(("first", "second"), [(TAG, TAG), (TAG, TAGS), (TAGS, TAG), (VERSION, VERSION)])
async def test_order_shows(first: tuple[Match, Call], second: tuple[Match, Call]) -> None:
    """Tags of one run, and versions of one model, are written one after the other."""
    assert not await _together(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [(TAG, OTHER_RUN), (TAG, METRIC), (METRIC, METRIC), (POINTS, POINTS), (TAG, POINTS), (RUN, RUN), (TAG, VERSION)],
)
async def test_order_does_not_show(first: tuple[Match, Call], second: tuple[Match, Call]) -> None:
    """Metrics, new runs, and writes to different objects do not wait for each other."""
    assert await _together(first, second)


async def test_a_turn_that_fails_is_over() -> None:
    """An error in one write does not hold up the next."""
    order = LaneOrder()
    with pytest.raises(RuntimeError):
        async with order.turn(*TAG):
            raise RuntimeError
    async with order.turn(*TAG):
        pass
