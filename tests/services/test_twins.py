"""Finding what an earlier delivery already made."""

from __future__ import annotations

import pytest

from proxy.core.id_sites import EXPERIMENT, MODEL_VERSION, TOKEN
from proxy.core.messages import Side
from proxy.core.versions.change import Call
from proxy.errors import SyncFailedError, UpstreamError
from proxy.services.twins import Twins
from tests.fakes.tracking_server import Fault

PUBLIC = "a" * 32
TAG = {"key": "mlflow.tightrope.publicId", "value": f"id{PUBLIC}"}
GREEN = Side.GREEN


async def test_a_run_by_its_tag(sides):
    """Of all runs the one that carries the public id, in the side's own ids; None when there is none."""
    twins, target = Twins(sides.syncer), sides.clients[GREEN]
    call = Call("CreateRun", {"experiment_id": "0"})
    sides.green.store.do("runs/create", {"experiment_id": "0"})
    assert await twins.find("CreateRun", (TOKEN, PUBLIC), call, target) is None
    made = sides.green.store.do("runs/create", {"experiment_id": "0", "tags": [TAG]})["run"]["info"]["run_id"]
    assert await twins.find("CreateRun", (TOKEN, PUBLIC), call, target) == made


async def test_a_version_by_its_tag(sides):
    """A version number that is not known yet is taken as it stands on that side, and gets no public number."""
    twins, target = Twins(sides.syncer), sides.clients[GREEN]
    await sides.identity.learn([await sides.identity.publish(MODEL_VERSION, Side.BLUE, "m/1")])
    await sides.identity.mark(GREEN)
    sides.green.store.do("registered-models/create", {"name": "m"})
    tag = {"key": TAG["key"], "value": "idm 1"}
    call = Call("CreateModelVersion", {"name": "m"})
    assert await twins.find("CreateModelVersion", (MODEL_VERSION, "m/1"), call, target) is None
    sides.green.store.do("model-versions/create", {"name": "m", "tags": [tag]})
    before = dict(sides.ids.entries)
    assert await twins.find("CreateModelVersion", (MODEL_VERSION, "m/1"), call, target) == "m/1"
    assert sides.ids.entries == before


async def test_an_experiment_needs_no_search(sides):
    """Its name is unique, so the create itself says that it is there; by the name its number is found."""
    twins, target = Twins(sides.syncer), sides.clients[GREEN]
    call = Call("CreateExperiment", {"name": "e"})
    assert await twins.find("CreateExperiment", (EXPERIMENT, "4"), call, target) is None
    number = sides.green.store.add_experiment("e", "9")
    assert await twins.experiment_by_name("e", target) == number
    with pytest.raises(SyncFailedError):
        await twins.experiment_by_name("none", target)


async def test_what_cannot_be_found_is_not_guessed(sides):
    """A create that leaves no trace, or a search that fails, is an error and never "there is none"."""
    twins, target = Twins(sides.syncer), sides.clients[GREEN]
    with pytest.raises(SyncFailedError):
        await twins.find("CreateWebhook", (TOKEN, PUBLIC), Call("CreateWebhook", {}), target)
    sides.green.break_("runs/search", Fault.ANSWER, status=503)
    with pytest.raises(UpstreamError):
        await twins.find("CreateRun", (TOKEN, PUBLIC), Call("CreateRun", {"experiment_id": "0"}), target)
