"""A registered model on the other side, with its versions at the same numbers."""

from __future__ import annotations

import pytest

from proxy.core.id_sites import MODEL_VERSION
from proxy.core.messages import Side
from proxy.core.versions.change import Call
from tests.fakes.tracking_server import Fault

BLUE, GREEN = Side.BLUE, Side.GREEN


@pytest.fixture
def model(sides):
    """Versions 1 and 3 of a model on blue; 2 was deleted."""
    store = sides.blue.store
    store.do("registered-models/create", {"name": "m", "description": "d", "tags": [{"key": "t", "value": "v"}]})
    for number in range(3):
        store.do("model-versions/create", {"name": "m", "source": f"s3://{number}", "description": f"v{number}"})
    store.do("model-versions/delete", {"name": "m", "version": "2"})
    store.do("registered-models/alias", {"name": "m", "alias": "best", "version": "3"})
    return sides


def versions(sides) -> list[tuple[str, str, str]]:
    return [(one["version"], one["source"], one["description"]) for one in sides.green.store.versions["m"]]


async def test_numbers_are_kept(model):
    """Description, tags, alias and versions arrive, each version at its number."""
    await model.syncer.registry.model("m", BLUE)
    there = model.green.store.models["m"]
    assert (there["description"], there["tags"]) == ("d", [{"key": "t", "value": "v"}])
    assert there["aliases"] == [{"alias": "best", "version": "3"}]
    assert versions(model) == [("1", "s3://0", "v0"), ("3", "s3://2", "v2")]


async def test_an_alias_that_is_gone(model):
    """It is deleted on the other side as well."""
    await model.syncer.registry.model("m", BLUE)
    model.blue.store.models["m"]["aliases"] = []
    model.green.break_("registered-models/alias", Fault.ANSWER, status=200, body=b"{}")
    await model.syncer.registry.model("m", BLUE)
    deleted = model.green.seen("registered-models/alias")[-1]
    assert (deleted.method, deleted.json) == ("DELETE", {"name": "m", "alias": "best"})


async def test_again(model):
    """A second time no version is made, and changes since are brought."""
    await model.syncer.registry.model("m", BLUE)
    store = model.blue.store
    store.do("model-versions/set-tag", {"name": "m", "version": "3", "key": "k", "value": "w"})
    store.do("model-versions/update", {"name": "m", "version": "3", "description": "new"})
    store.do("registered-models/update", {"name": "m", "description": "newer"})
    await model.syncer.registry.model("m", BLUE)
    assert versions(model) == [("1", "s3://0", "v0"), ("3", "s3://2", "new")]
    assert {"key": "k", "value": "w"} in model.green.store.versions["m"][1]["tags"]
    assert model.green.store.models["m"]["description"] == "newer"


async def test_only_older_ones(model):
    """With a limit, later versions are left to their own records."""
    await model.syncer.registry.model("m", BLUE, below=3)
    assert versions(model) == [("1", "s3://0", "v0")]
    assert "aliases" not in model.green.store.models["m"]


@pytest.mark.parametrize("status", [500, 503])
async def test_a_server_error_makes_no_second_version(model, status):
    """A version that cannot be read is not a version that is not there."""
    await model.syncer.registry.model("m", BLUE)
    model.green.break_("model-versions/get", Fault.ANSWER, times=1, status=status)
    with pytest.raises(Exception, match=str(status)):
        await model.syncer.registry.model("m", BLUE)
    await model.syncer.registry.model("m", BLUE)
    assert [number for number, _, _ in versions(model)] == ["1", "3"]


async def test_a_number_that_is_used_up(model):
    """Where the other side is ahead the version gets another number there, and the id map knows both."""
    store = model.green.store
    store.do("registered-models/create", {"name": "m"})
    for _ in range(2):
        store.do("model-versions/create", {"name": "m", "source": "s3://own"})
    call = Call("CreateModelVersion", {"name": "m", "source": "s3://x"})
    await model.syncer.registry.create_version(call, "m/1", model.clients[GREEN])
    entry = await model.identity.known((MODEL_VERSION, "m/1"))
    assert entry is not None
    assert entry.green == "m/3"


async def test_looking_names_nothing(model):
    """Reading the numbers of a side gives no version of it another public number."""
    await model.identity.learn([await model.identity.publish(MODEL_VERSION, BLUE, "m/1")])
    store = model.green.store
    store.do("registered-models/create", {"name": "m"})
    store.do("model-versions/create", {"name": "m", "source": "s3://twin"})
    await model.identity.mark(GREEN)
    before = dict(model.ids.entries)
    assert await model.syncer.registry.numbers(GREEN, "m") == {1}
    assert model.ids.entries == before


async def test_the_original_of_a_copy_comes_first(model):
    """A server looks up what a version was copied from; later versions of the other model are left alone."""
    store = model.blue.store
    store.do("registered-models/create", {"name": "a copy"})
    store.do("model-versions/create", {"name": "a copy", "source": "models:/m/1"})
    await model.syncer.registry.model("a copy", BLUE)
    assert versions(model) == [("1", "s3://0", "v0")]
    assert [one["source"] for one in model.green.store.versions["a copy"]] == ["models:/m/1"]


async def test_a_copy_whose_original_is_gone(model):
    """It is made from where its files are."""
    store = model.blue.store
    store.do("registered-models/create", {"name": "a copy"})
    store.do("model-versions/create", {"name": "a copy", "source": "models:/m/2"})
    model.blue.break_("get-download-uri", Fault.ANSWER, status=200, body=b'{"artifact_uri": "s3://1"}')
    await model.syncer.registry.model("a copy", BLUE)
    assert [one["source"] for one in model.green.store.versions["a copy"]] == ["s3://1"]


async def test_versions_from_before_keep_their_numbers(model):
    """Where ids are looked at, because blue holds hidden tags, what it names is what was brought over."""
    await model.syncer.registry.model("m", BLUE)
    identity = model.syncer.client(BLUE).identity
    refs = [(MODEL_VERSION, "m/1"), (MODEL_VERSION, "m/3")]
    assert await identity.to_public(BLUE, refs) == {}
    assert await identity.to_local(BLUE, refs) == {}
