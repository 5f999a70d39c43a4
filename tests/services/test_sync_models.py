"""Logged models brought from one side to the other, whether either side knows them or not."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.id_sites import TOKEN
from proxy.core.messages import Side
from proxy.core.outcomes import parsed
from proxy.core.versions.change import Call
from proxy.errors import GoneError, SyncFailedError
from proxy.services.artifacts import ArtifactGoneError
from tests.fakes.tracking_server import API

RUN, MODEL = "a" * 32, f"m-{'c' * 32}"
BLUE, GREEN = Side.BLUE, Side.GREEN
READY = "LOGGED_MODEL_READY"
FILE = f"0/models/{MODEL}/artifacts/MLmodel"


@pytest.fixture(params=["3.17.2", "2.22.4"], ids=["models on blue", "no models on blue"])
async def full(request, sides):
    """Blue has a run with a logged model, of its own or kept on the run."""
    sides.blue.version = request.param
    sides.blue.store.add_run("0", RUN)
    client = sides.clients[BLUE]
    asked: dict[str, Any] = {"experiment_id": "0", "name": "m", "source_run_id": RUN, "model_type": "agent"}
    asked |= {"params": [{"key": "p", "value": "1"}], "tags": [{"key": "t", "value": "v"}]}
    if request.param == "3.17.2":
        sides.blue.models.add(asked, MODEL)
        sides.blue.artifacts[FILE] = b"flavors: {}"
    else:
        await client.create(Call("CreateLoggedModel", asked), MODEL)
        sides.blue.artifacts[f"0/{RUN}/artifacts/m/MLmodel"] = b"flavors: {}"
    await client.ask(Call("FinalizeLoggedModel", {"model_id": MODEL, "status": READY}))
    await client.ask(Call("LogOutputs", {"run_id": RUN, "models": [{"model_id": MODEL, "step": 3}]}))
    return sides


async def _local(sides, public: str) -> str:
    """Green's own id."""
    entry = await sides.identity.known((TOKEN, public))
    assert entry is not None
    return str(entry.local(GREEN))


async def test_with_its_run(full):
    """Parameters, tags, status, files and the run's link; once more changes nothing."""
    for _ in range(2):
        await full.syncer.run(RUN, BLUE)
        (made,) = full.green.models.models.values()
        local, run = await _local(full, MODEL), await _local(full, RUN)
        assert made["info"]["model_id"] == local != MODEL
        assert (made["info"]["name"], made["info"]["status"]) == ("m", READY)
        assert made["info"]["source_run_id"] == run
        assert made["data"]["params"] == [{"key": "p", "value": "1"}]
        assert {"key": "t", "value": "v"} in made["info"]["tags"]
        assert full.green.artifacts == {f"0/models/{local}/artifacts/MLmodel": b"flavors: {}"}
        assert full.green.models.outputs[run] == [{"model_id": local, "step": 3}]


async def test_on_its_own(full):
    """It brings its run."""
    await full.syncer.lane(f"logged_model:{MODEL}", BLUE)
    assert full.green.store.twins_of(RUN)
    assert len(full.green.models.models) == 1


async def test_what_changed_since(full):
    """Tags set and deleted."""
    await full.syncer.models.model(MODEL, BLUE)
    blue = full.clients[BLUE]
    await blue.ask(Call("SetLoggedModelTags", {"model_id": MODEL, "tags": [{"key": "n", "value": "1"}]}))
    await blue.ask(Call("DeleteLoggedModelTag", {"model_id": MODEL, "tag_key": "t"}))
    await full.syncer.models.model(MODEL, BLUE)
    (made,) = full.green.models.models.values()
    assert [tag["key"] for tag in made["info"]["tags"] if "tightrope" not in tag["key"]] == ["n"]


async def test_a_twin_that_nobody_remembers(full):
    """An earlier attempt made it; it is found by its tag and not made again."""
    twin = full.green.models.add({"tags": [{"key": "mlflow.tightrope.publicId", "value": f"id{MODEL}"}]})
    await full.syncer.models.ensure(MODEL, BLUE)
    assert list(full.green.models.models) == [twin["info"]["model_id"]]
    before = len(full.green.requests)
    await full.syncer.models.ensure(MODEL, BLUE)
    assert len(full.green.requests) == before


async def test_to_a_side_without_models(sides):
    """It is kept on the run there, under the id that clients know, and its files lie where older clients look."""
    sides.blue.store.add_run("0", RUN)
    sides.blue.models.add({"experiment_id": "0", "name": "m", "source_run_id": RUN}, MODEL)
    sides.blue.artifacts[FILE] = b"x"
    sides.green.version = "2.22.4"
    await sides.syncer.run(RUN, BLUE)
    run = await _local(sides, RUN)
    assert sides.green.artifacts == {f"0/{run}/artifacts/m/MLmodel": b"x"}
    answer = parsed((await sides.clients[GREEN].ask(Call("GetLoggedModel", {"model_id": MODEL}))).body)
    assert (answer["model"]["info"]["name"], answer["model"]["info"]["source_run_id"]) == ("m", RUN)


async def test_what_is_not_there(full):
    """It cannot be brought, not even for a version that was made from it."""
    with pytest.raises(GoneError):
        await full.syncer.models.model(f"m-{'d' * 32}", BLUE)
    with pytest.raises(SyncFailedError):
        await full.syncer.models.ensure(f"m-{'d' * 32}", BLUE)


async def test_a_model_that_was_deleted_after_a_version_was_made_from_it(full):
    """The version comes with its model, which is then deleted there, too."""
    full.blue.store.do(f"{API}registered-models/create", {"name": "r"})
    call = Call("CreateModelVersion", {"name": "r", "source": f"models:/{MODEL}", "model_id": MODEL})
    assert (await full.clients[BLUE].ask(call)).ok
    await full.clients[BLUE].ask(Call("DeleteLoggedModel", {"model_id": MODEL}))
    await full.syncer.lane("registered_model:r", BLUE)
    (version,) = full.green.store.versions["r"]
    local = await _local(full, MODEL)
    assert version["source"] == f"models:/{local}"
    assert f"0/models/{local}/artifacts/MLmodel" in full.green.artifacts
    assert full.green.models.deleted.keys() == {local}


async def test_files_of_a_model_that_one_side_does_not_have(sides):
    """There is no place to read them from, which is told from a server that fails."""
    sides.blue.version = "2.22.4"
    with pytest.raises(ArtifactGoneError):
        await sides.copier.copy(FILE, BLUE)
    assert sides.green.artifacts == {}
