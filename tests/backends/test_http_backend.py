"""One tracking server over HTTP: errors by whether something may have changed, credentials, and what is repeated."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest

from proxy.backends.http_backend import HttpBackend
from proxy.config.sides import SideSettings
from proxy.core.messages import Request, Side
from proxy.core.mlflow_version import Version
from proxy.errors import NotReachedError, OutcomeUnknownError, UpstreamTimeoutError
from tests.fakes.tracking_server import API, ARTIFACTS, Fault, TrackingServer

READ = Request("GET", f"{API}experiments/get", "experiment_id=0")
WRITE = Request("POST", f"{API}experiments/create", "", (("Content-Type", "application/json"),), b'{"name": "e"}')


@pytest.fixture
async def server() -> AsyncIterator[TrackingServer]:
    async with TrackingServer() as running:
        yield running
        running.heal()


@pytest.fixture
async def backend(server) -> AsyncIterator[HttpBackend]:
    made = HttpBackend(Side.BLUE, SideSettings(url=server.url))
    await made.start()
    yield made
    await made.stop()


async def other(server: TrackingServer, **settings) -> HttpBackend:
    made = HttpBackend(Side.GREEN, SideSettings(url=server.url, **settings), call_timeout_s=0.3)
    await made.start()
    return made


async def test_a_call(backend):
    """Read in full, with status and headers."""
    answer = await backend.call(READ)
    assert answer.status == 200
    assert b"Default" in answer.body


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
async def test_not_reached(server, backend, request_):
    """Nobody listens: nothing was sent."""
    await server.refuse()
    with pytest.raises(NotReachedError):
        await backend.call(request_)


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.CUT])
async def test_the_outcome_is_unknown(server, backend, fault):
    """It left and no complete answer came; a write is never sent a second time."""
    server.break_("experiments/create", fault)
    with pytest.raises(OutcomeUnknownError) as raised:
        await backend.call(WRITE)
    assert raised.value.side == "blue"
    assert len(server.seen("experiments/create")) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
async def test_no_write_is_repeated(server, backend, method):
    """Not by the library either, which would repeat some on a connection from the pool."""
    await backend.call(READ)  # a connection is in the pool now
    server.break_("/artifacts/", Fault.RESET_BEFORE)
    with pytest.raises(OutcomeUnknownError):
        await backend.call(Request(method, f"{ARTIFACTS}/0/x", body=b"x"))
    assert len(server.seen("/artifacts/")) == 1


async def test_a_read_is_repeated_once(server, backend):
    """A dead connection from the pool is no reason for an error to a reader; two are."""
    server.break_("experiments/get", Fault.RESET_BEFORE, times=1)
    assert (await backend.call(READ)).status == 200
    server.break_("experiments/get", Fault.RESET_BEFORE)
    with pytest.raises(OutcomeUnknownError):
        await backend.call(READ)


async def test_time_outs(server):
    """Our own calls have a limit in all; a client's request has one between bytes. Neither is repeated."""
    slow = await other(server, read_timeout_s=0.3)
    server.break_("experiments/", Fault.HANG)
    with pytest.raises(UpstreamTimeoutError):
        await slow.call(READ)
    with pytest.raises(UpstreamTimeoutError):
        await slow.open(READ)
    assert len(server.seen("experiments/get")) == 2
    await slow.stop()


async def test_credentials(server, backend):
    """Each side's own on our calls; on a client's request nothing but what it brought."""
    basic = await other(server, username="ann", password="secret")
    bearer = await other(server, token="token")
    for each in (basic, bearer, backend):
        await each.call(READ)
        answer = await each.open(Request("GET", READ.path, READ.query, (("Authorization", "Digest x"),)))
        await answer.close()
        own = await each.open_own(READ)
        await own.close()
    pair = "Basic " + base64.b64encode(b"ann:secret").decode()
    shown = [seen.header("Authorization") for seen in server.seen("experiments/get")]
    assert shown == [pair, "Digest x", pair, "Bearer token", "Digest x", "Bearer token", None, "Digest x", None]
    await basic.stop()
    await bearer.stop()


async def test_the_version(server, backend):
    """Detected by the health check, kept when the server goes away, and never asked for when it is configured."""
    assert backend.version is None
    assert await backend.healthy()
    assert str(backend.version) == "3.17.2"
    await server.refuse()
    assert not await backend.healthy()
    assert str(backend.version) == "3.17.2"
    await server.listen()
    fixed = await other(server, version="2.22.4")
    assert await fixed.healthy()
    assert fixed.version == Version(2, 22, 4)
    await fixed.stop()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (401, True), (404, True), (500, False), (503, False)])
async def test_health(server, backend, status, healthy):
    """A server that answers is there, even where it wants to know who asks."""
    server.break_("/health", Fault.ANSWER, status=status)
    assert await backend.healthy() == healthy


async def test_lengths(server, backend):
    """Every body has a length, an empty one too; bytes arrive as they are, and the path is not touched."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"c"

    answer = await backend.open(Request("PUT", f"{ARTIFACTS}/0/a%2Fb%20c"), body=pieces(), length=3)
    await answer.read()
    await answer.close()
    await backend.call(Request("POST", "/nothing"))
    put, post = server.seen("/artifacts/")[0], server.seen("/nothing")[0]
    assert (put.path, put.body, put.header("Content-Length")) == (f"{ARTIFACTS}/0/a%2Fb%20c", b"abc", "3")
    assert (post.header("Content-Length"), put.header("Transfer-Encoding")) == ("0", None)
    assert put.header("User-Agent") is None


async def test_redirects_and_cookies_are_the_clients(server, backend):
    """A redirect is passed, not followed; a cookie of one client is not sent for another."""
    server.pages["/go"] = (302, {"Location": "/health", "Set-Cookie": "a=b"}, b"")
    assert (await backend.call(Request("GET", "/go"))).status == 302
    await backend.call(Request("GET", "/go"))
    assert [seen.header("Cookie") for seen in server.seen("/go")] == [None, None]


async def test_an_answer_piece_by_piece(server, backend):
    """Streamed to its end it gives its connection back; dropped half-way it does not poison the next request."""
    server.artifacts["0/a"] = bytes(range(256)) * 8192
    answer = await backend.open(Request("GET", f"{ARTIFACTS}/0/a"))
    assert b"".join([piece async for piece in answer.chunks()]) == server.artifacts["0/a"]
    await answer.close()
    dropped = await backend.open(Request("GET", f"{ARTIFACTS}/0/a"))
    await dropped.close()
    assert (await backend.call(READ)).status == 200


async def test_not_started(server):
    """Before its start, and after its stop, nothing can be reached."""
    with pytest.raises(NotReachedError):
        await HttpBackend(Side.BLUE, SideSettings(url=server.url)).call(READ)
