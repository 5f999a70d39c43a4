"""Bodies in and out of the client listener."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from tests.fakes.running_proxy import Bench, eventually
from tests.fakes.tracking_server import ARTIFACTS, Fault

LARGE = bytes(range(256)) * 4096  # 1 MiB, more than any buffer holds back
SMALL = b"small"


async def raw(bench: Bench, request: bytes) -> bytes:
    """Everything that comes back over one connection until it ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.running.port)
    received = b""
    try:
        writer.write(request)
        with contextlib.suppress(ConnectionError):
            while piece := await asyncio.wait_for(reader.read(65536), 20):
                received += piece
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return received


@pytest.mark.parametrize("content", [SMALL, LARGE, b""], ids=["small", "large", "empty"])
async def test_an_artifact_both_ways(bench, content):
    """Up and down again, byte for byte, with its length; green gets the same bytes."""
    run = await bench.create_run()
    path = f"{ARTIFACTS}/0/{run}/artifacts/dir/a%20b.bin"
    assert (await bench.send("PUT", path, content)).status == 200
    answer = await bench.send("GET", path)
    assert answer.body == content
    assert answer.headers["Content-Length"] == str(len(content))
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.artifacts == {f"0/{twin}/artifacts/dir/a b.bin": content}


@pytest.mark.parametrize("size", [10, 3_000_000])
async def test_a_chunked_upload(bench, size):
    """A body of unknown length reaches the server with one, because uvicorn servers lose chunked bodies."""
    pieces = size // 10

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * pieces

    url = f"{bench.url}{ARTIFACTS}/0/{'0' * 32}/artifacts/a"
    async with bench.session.put(url, data=chunks()) as answer:
        assert answer.status == 200
    (seen,) = bench.blue.seen("/artifacts/", "PUT")
    assert seen.header("Content-Length") == str(size)
    assert seen.header("Transfer-Encoding") is None
    assert seen.body == b"x" * size


@pytest.mark.parametrize("content", [b"0123456789" * 10, LARGE], ids=["small", "large"])
async def test_a_download_that_breaks_off(bench, content):
    """A body that the server cuts off never looks complete to the client, and holds nothing but the server's bytes."""
    path = f"{ARTIFACTS}/0/{'0' * 32}/artifacts/a"
    bench.blue.artifacts[path.removeprefix(f"{ARTIFACTS}/")] = content
    bench.blue.break_("/artifacts/a", Fault.CUT)
    answer = await raw(bench, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 200"):
        assert f"content-length: {len(content)}".encode() in head.lower()
        assert body == content[: len(body)]
        assert len(body) < len(content)
    else:
        assert head.startswith(b"HTTP/1.1 502")
        assert json.loads(body)["error_code"] == "TEMPORARILY_UNAVAILABLE"
    assert answer.count(b"HTTP/1.1 ") == 1


async def test_a_chunked_download_that_breaks_off(bench):
    """The same where no length was given: the end mark of the chunks must not come."""
    bench.blue.pages["/stream"] = (200, {"X-Chunked": "yes"}, LARGE)
    bench.blue.break_("/stream", Fault.CUT)
    answer = await raw(bench, b"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"transfer-encoding: chunked" in answer.lower()
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not answer.endswith(b"0\r\n\r\n")


async def test_an_upload_that_breaks_off(bench):
    """A client that dies in the middle of its upload leaves no half file on green, and the write is not lost."""
    run = await bench.create_run()
    await bench.settled()
    _, writer = await asyncio.open_connection("127.0.0.1", bench.running.port)
    head = f"PUT {ARTIFACTS}/0/{run}/artifacts/a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    writer.write(head.encode() + b"x" * 1000)
    await writer.drain()

    async def journaled() -> bool:
        return len(await bench.states()) == 2

    await eventually(journaled, "the intent is journaled")
    writer.transport.abort()
    await bench.settled()
    assert bench.green.artifacts == bench.blue.artifacts == {}
    assert (await bench.states())[-1] in {"rejected", "skipped"}


async def test_expect_continue(bench):
    """A client that waits for permission to send its body (curl with large ones) gets it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.running.port)
    head = f"PUT {ARTIFACTS}/0/{'0' * 32}/artifacts/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
    writer.write(f"{head}Expect: 100-continue\r\nConnection: close\r\n\r\n".encode())
    assert b"100 Continue" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    writer.write(b"hello")
    assert b" 200 " in (await asyncio.wait_for(reader.read(), 20))[:20]
    writer.close()
    await writer.wait_closed()
    assert list(bench.blue.artifacts.values()) == [b"hello"]


async def test_head(bench):
    """HEAD has the headers of GET and no body, and the connection can be used again."""
    bench.blue.artifacts["0/x/artifacts/a"] = LARGE
    async with bench.session.head(f"{bench.url}{ARTIFACTS}/0/x/artifacts/a") as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(LARGE)))
    assert (await bench.send("GET", f"{ARTIFACTS}/0/x/artifacts/a")).body == LARGE


@pytest.mark.parametrize("status", [204, 304])
async def test_answers_without_a_body(bench, status):
    """Nothing is added to them."""
    bench.blue.pages["/nothing"] = (status, {"ETag": '"1"'}, b"")
    answer = await bench.send("GET", "/nothing")
    assert (answer.status, answer.body, answer.headers["ETag"]) == (status, b"", '"1"')


async def test_a_content_type_is_not_invented(bench):
    """What the server did not say is not said for it."""
    bench.blue.pages["/bare"] = (200, {"Content-Type": ""}, b"x")
    answer = await bench.send("GET", "/bare")
    assert answer.headers.get("Content-Type", "") == ""


async def test_compressed_answers_pass(bench):
    """An encoding that the client asked for is its own business."""
    bench.blue.pages["/packed"] = (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b not really")
    answer = await bench.send("GET", "/packed", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["Content-Encoding"], answer.body) == ("gzip", b"\x1f\x8b not really")
    assert bench.blue.seen("/packed")[0].header("Accept-Encoding") == "gzip"
