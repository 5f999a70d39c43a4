"""Our own calls to one side: public ids in, public ids out, in the dialect of the server."""

from __future__ import annotations

import pytest

from proxy.core.id_sites import EXPERIMENT, TOKEN
from proxy.core.messages import Request, Side
from proxy.core.outcomes import parsed
from proxy.core.records import IdEntry
from proxy.core.versions.change import Call
from proxy.errors import CannotTranslateError, NotReachedError
from tests.fakes.tracking_server import API

PUBLIC, LOCAL = "a" * 32, "b" * 32
GREEN = Side.GREEN


@pytest.fixture
async def client(sides):
    """Green holds a run under other ids than the public ones."""
    sides.green.store.add_experiment("e", "3")
    sides.green.store.add_run("3", LOCAL)
    await sides.identity.learn([IdEntry(TOKEN, PUBLIC, PUBLIC, LOCAL), IdEntry(EXPERIMENT, "8", "8", "3")])
    return sides.clients[GREEN]


async def test_ids_both_ways(sides, client):
    """The server sees its own ids only, the caller public ones only."""
    answer = parsed((await client.ask(Call("GetRun", {"run_id": PUBLIC}))).body)
    info = answer["run"]["info"]
    assert (info["run_id"], info["experiment_id"]) == (PUBLIC, "8")
    assert info["artifact_uri"] == f"mlflow-artifacts:/8/{PUBLIC}/artifacts"
    (seen,) = sides.green.seen("runs/get")
    assert f"run_id={LOCAL}" in seen.query
    assert PUBLIC not in seen.query


async def test_a_local_answer(client):
    """To learn what a create made its answer is left in the side's own ids."""
    answer = parsed((await client.ask(Call("GetRun", {"run_id": PUBLIC}), local_answer=True)).body)
    assert answer["run"]["info"]["run_id"] == LOCAL


async def test_a_raw_request(client):
    """A request that is in the server's dialect already gets the same treatment, known operation or not."""
    request = Request("GET", f"{API}runs/get", f"run_id={PUBLIC}")
    assert PUBLIC.encode() in (await client.send(request)).body
    unknown = await client.localised(Request("GET", f"/unknown/{PUBLIC}"))
    assert unknown.path == f"/unknown/{LOCAL}"


async def test_a_create_is_tagged(sides, client):
    """What we make carries its public id, and from then on the side's answers are looked into."""
    answer = await client.create(Call("CreateRun", {"experiment_id": "8"}), "c" * 32)
    made = parsed(answer.body)["run"]["info"]["run_id"]
    assert sides.green.store.runs[made]["tags"] == {"mlflow.tightrope.publicId": f"id{'c' * 32}"}
    assert sides.green.store.runs[made]["info"]["experiment_id"] == "3"
    assert not sides.identity.plain(GREEN)


async def test_the_version_is_asked_for(sides):
    """A server whose version is not known yet is asked; one that does not answer is not reached."""
    client = sides.clients[GREEN]
    assert client.backend.version is None
    assert str(await client.version()) == "3.17.2"
    await sides.blue.refuse()
    with pytest.raises(NotReachedError):
        await sides.clients[Side.BLUE].version()


async def test_what_the_server_cannot_do(sides):
    """It is refused with a sentence, and nothing is sent."""
    sides.green.version = "1.30.1"
    with pytest.raises(CannotTranslateError, match="DeleteLabelSchema"):
        await sides.clients[GREEN].ask(Call("DeleteLabelSchema", {"schema_id": "ls-1"}))
    assert sides.green.seen("label-schemas") == []
