"""What a write needs is there before it, whatever lane it is in."""

from __future__ import annotations

import pytest

from tests.fakes.running_proxy import Bench


@pytest.fixture
async def window(bench: Bench) -> Bench:
    """Blue has an experiment, a run and a model from before; green was made without them."""
    blue = bench.blue.store
    blue.add_experiment("old", "5")
    blue.next_experiment = 6
    blue.add_run("5", "a" * 32, run_name="old run", start_time=77)
    blue.runs["a" * 32]["params"]["p"] = "1"
    blue.do("registered-models/create", {"name": "m"})
    for _ in range(3):
        blue.do("model-versions/create", {"name": "m", "source": "s3://x"})
    blue.do("model-versions/delete", {"name": "m", "version": "2"})
    return bench


async def test_versions_keep_their_numbers(window):
    """Older versions come first, and numbers of deleted ones are used up."""
    await window.post("model-versions/create", name="m", source="s3://y", run_id="a" * 32)
    await window.settled()
    copies = window.green.store.versions["m"]
    assert [(one["version"], one["source"]) for one in copies] == [("1", "s3://x"), ("3", "s3://x"), ("4", "s3://y")]
    assert await window.states() == ["mirrored"]


async def test_a_version_brings_its_run(window):
    """A version of a run that is older than the window brings that run; newer servers refuse it otherwise."""
    await window.post("model-versions/create", name="m", source="s3://y", run_id="a" * 32)
    await window.settled()
    (twin,) = window.green.store.twins_of("a" * 32)
    assert window.green.store.versions["m"][-1]["run_id"] == twin


async def test_a_link_brings_its_model(window):
    """A run is linked to the model by the id that green has for it; a link to nothing is passed on as it is."""
    made = window.blue.models.add({"experiment_id": "5", "name": "m"}, f"m-{'c' * 32}")
    run = await window.create_run()
    for model_id in (made["info"]["model_id"], f"m-{'d' * 32}"):
        await window.post("runs/outputs", run_id=run, models=[{"model_id": model_id, "step": 1}])
    await window.settled()
    (twin,) = window.green.store.twins_of(run)
    (local,) = window.green.models.models
    assert [each["model_id"] for each in window.green.models.outputs[twin]] == [local, f"m-{'d' * 32}"]
    assert await window.states() == ["mirrored"] * 3
