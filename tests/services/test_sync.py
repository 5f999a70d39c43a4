"""``sync(object)``: the other side is brought to what one side holds; experiments, and what no sync can bring."""

from __future__ import annotations

import pytest

from proxy.core.messages import Side
from proxy.errors import (
    CannotTranslateError,
    GoneError,
)

RUN = "a" * 32
BLUE = Side.BLUE


async def test_an_experiment(sides):
    """Found by name or made; renamed, tagged, restored and deleted like its original."""
    store, other = sides.blue.store, sides.green.store
    store.add_experiment("e", "4")
    store.experiments["4"]["tags"] = [{"key": "a", "value": "1"}]
    await sides.syncer.experiment("4", BLUE)
    (number,) = other.named("e")
    store.experiments["4"] |= {"name": "renamed", "tags": [{"key": "b", "value": "2"}], "lifecycle_stage": "deleted"}
    await sides.syncer.experiment("4", BLUE)
    held = other.experiments[number]
    assert (held["name"], held["lifecycle_stage"]) == ("renamed", "deleted")
    visible = [tag for tag in held["tags"] if "tightrope" not in tag["key"]]
    assert visible == [{"key": "b", "value": "2"}]
    store.experiments["4"]["lifecycle_stage"] = "active"
    await sides.syncer.experiment("4", BLUE)
    assert held["lifecycle_stage"] == "active"
    assert len(other.experiments) == 2


async def test_a_deletion_is_left_to_its_record(sides):
    """Bringing an experiment for something in it does not delete it before that is done."""
    sides.blue.store.add_experiment("e", "4")
    sides.blue.store.experiments["4"]["lifecycle_stage"] = "deleted"
    await sides.syncer.ensure_experiment("4", BLUE)
    (number,) = sides.green.store.named("e")
    assert sides.green.store.experiments[number]["lifecycle_stage"] == "active"
    await sides.syncer.lane("experiment:4", BLUE)
    assert sides.green.store.experiments[number]["lifecycle_stage"] == "deleted"


async def test_what_is_not_there(sides):
    """An object that the source does not have cannot be brought, and nothing is made."""
    for lane in (f"run:{RUN}", "experiment:77", "registered_model:none"):
        with pytest.raises(GoneError):
            await sides.syncer.lane(lane, BLUE)
    store = sides.green.store
    assert (store.runs, list(store.experiments), store.models) == ({}, ["0"], {})


async def test_a_lane_that_cannot_be_synced(sides):
    """It is said, never guessed."""
    with pytest.raises(CannotTranslateError, match="dataset"):
        await sides.syncer.lane("dataset:d-1", BLUE)
