"""One request to one side on behalf of a client."""

from __future__ import annotations

import pytest

from proxy.core.messages import Request, Side
from proxy.core.outcomes import parsed
from proxy.core.records import IdEntry
from proxy.observe.metrics import Metrics
from proxy.services.exchange import Exchange, Heard, Peer
from tests.fakes.tracking_server import API

PUBLIC, LOCAL = "a" * 32, "b" * 32
GREEN = Side.GREEN
PEER = Peer("10.0.0.9", "http", (("Host", "proxy:5000"), ("Authorization", "Bearer x"), ("Accept-Encoding", "gzip")))
JSON = (("content-type", "application/json"),)


@pytest.fixture
def exchange(sides) -> Exchange:
    return Exchange(dict(sides.backends), sides.identity, Metrics("0"))


def create(name: str) -> Request:
    return Request("POST", f"{API}experiments/create", "", JSON, b'{"name": "%s"}' % name.encode())


async def test_headers(sides, exchange):
    """The client's own travel, its address is told, the host is the server's, and we ask for a readable answer."""
    await exchange.ask(GREEN, create("e"), PEER, Heard())
    (seen,) = sides.green.seen("experiments/create")
    assert seen.header("Authorization") == "Bearer x"
    assert seen.header("Host") == f"127.0.0.1:{sides.green.port}"
    assert (seen.header("X-Forwarded-For"), seen.header("X-Forwarded-Host")) == ("10.0.0.9", "proxy:5000")
    assert seen.header("Accept-Encoding") is None


async def test_a_stream_keeps_its_encoding(exchange, sides):
    """An answer that is only passed on may come compressed."""
    answer = await exchange.open(GREEN, Request("GET", "/x"), PEER)
    await answer.close()
    assert sides.green.seen("/x")[0].header("Accept-Encoding") == "gzip"


async def test_a_number_that_is_taken(sides, exchange):
    """An object that gets a number which clients know as another one is given a fresh one, and it is heard of."""
    await sides.identity.learn([IdEntry("experiment", "1", "1", "5")])
    heard = Heard()
    answer = await exchange.ask(GREEN, create("e"), PEER, heard)
    assert parsed(answer.body) == {"experiment_id": "2"}
    assert heard.learned == [IdEntry("experiment", "2", None, "1")]


async def test_a_refusal_names_nothing(sides, exchange):
    """An error is passed as it is."""
    sides.green.store.add_experiment("e")
    heard = Heard()
    answer = await exchange.ask(GREEN, create("e"), PEER, heard)
    assert (answer.status, heard.learned, heard.wrote) == (400, [], False)


async def test_ids_and_tags(sides, exchange):
    """Local ids become public ones; our tag is still there, for the version changes, and holds the public id."""
    await sides.identity.learn([IdEntry("token", PUBLIC, PUBLIC, LOCAL)])
    sides.green.store.add_run("0", LOCAL)
    sides.green.store.runs[LOCAL]["tags"] = {"mlflow.tightrope.publicId": f"id{PUBLIC}", "t": "v"}
    answer = await exchange.ask(GREEN, Request("GET", f"{API}runs/get", f"run_id={PUBLIC}"), PEER, Heard())
    run = parsed(answer.body)["run"]
    tags = [{"key": "mlflow.tightrope.publicId", "value": f"id{PUBLIC}"}, {"key": "t", "value": "v"}]
    assert (run["info"]["run_id"], run["data"]["tags"]) == (PUBLIC, tags)
    assert LOCAL.encode() not in answer.body


async def test_bytes_that_need_no_change(sides, exchange):
    """Without differences the very same bytes come back, however they are spaced."""
    body = b'{ "experiments" : [ ] }\n'
    sides.green.pages[f"{API}experiments/search"] = (200, {"Content-Type": "application/json"}, body)
    answer = await exchange.ask(GREEN, Request("POST", f"{API}experiments/search", "", JSON, b"{}"), PEER, Heard())
    assert answer.body == body


async def test_an_object_known_by_another_id_is_called_so_from_then_on(sides, exchange):
    """In the answer to its create and in all that follow, and later requests of the same translation reach it."""
    sides.green.store.add_experiment("e", "1")
    heard = Heard()
    made = Request("POST", f"{API}runs/create", "", JSON, b'{"experiment_id": "1"}', known_as=PUBLIC)
    answer = await exchange.ask(GREEN, made, PEER, heard)
    (local,) = [entry.green for entry in heard.learned]
    assert local is not None
    assert parsed(answer.body)["run"]["info"]["run_id"] == PUBLIC
    answer = await exchange.ask(GREEN, Request("GET", f"{API}runs/get", f"run_id={PUBLIC}"), PEER, heard)
    assert parsed(answer.body)["run"]["info"]["run_id"] == PUBLIC
    assert local.encode() not in answer.body
