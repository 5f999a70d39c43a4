"""The load generator against the stub."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from proxy.lab.bench.loadgen import Bounds, ask, run_load
from proxy.lab.bench.stub import Stub, serve
from proxy.lab.bench.workloads import create_run, get_run, log_batch, log_metric, request
from proxy.lab.failures import LabError

_MANY = Bounds(requests=60, seconds=20)


@pytest.fixture
async def stub_port() -> AsyncIterator[int]:
    """The port of a stub upstream."""
    server = await serve(0, Stub())
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@pytest.fixture
async def closing_port() -> AsyncIterator[Callable[[bytes], Awaitable[int]]]:
    """Start a server that sends fixed bytes as its answer to any request and closes."""
    servers = []

    async def start(answer: bytes) -> int:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            writer.close()

        servers.append(await asyncio.start_server(handle, "127.0.0.1", 0))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


async def test_all_workloads_are_answered(stub_port):
    """Every workload's request gets a 2xx answer, and the burst stops at its number of requests."""
    made = json.loads((await ask(stub_port, create_run(1))).body)["run"]["info"]["run_id"]
    mixed = [log_metric(made, 1), get_run(made, 1), log_batch(made, 1)]
    burst = await run_load(stub_port, [mixed] * 4, _MANY)
    assert burst.requests == _MANY.requests
    assert list(burst.latencies_s) == sorted(burst.latencies_s)
    assert burst.seconds > 0


async def test_the_stub_mints_ids_and_counts_writes(stub_port):
    """Two runs have two ids, a run is returned under the id asked for, and reads are no writes."""
    first, second = [json.loads((await ask(stub_port, create_run(1))).body)["run"]["info"] for _ in range(2)]
    assert first["run_id"] != second["run_id"]
    assert first["run_id"] in first["artifact_uri"]
    got = json.loads((await ask(stub_port, get_run(first["run_id"], 0))).body)["run"]["info"]
    assert got == first
    seen = json.loads((await ask(stub_port, request("GET", "/_stub/writes"))).body)
    assert seen["writes"] == 2


async def test_closed_connections_are_replaced(closing_port):
    """A server that closes after each answer, as gunicorn's workers do, is measured with its reconnects."""
    port = await closing_port(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
    burst = await run_load(port, [[request("GET", "/")]] * 2, Bounds(requests=10, seconds=20))
    assert burst.requests == 10
    assert burst.reconnects == 8


async def test_an_error_is_not_measured(stub_port):
    """One answer that is not 2xx ends the burst with what the server said."""
    with pytest.raises(LabError, match=r"status 404: .*ENDPOINT_NOT_FOUND"):
        await run_load(stub_port, [[request("GET", "/nothing")]], _MANY)


async def test_a_cut_off_answer_is_not_measured(closing_port):
    """A connection that breaks in the middle of an answer ends the burst."""
    port = await closing_port(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")
    with pytest.raises(LabError, match="ended before the answer was complete"):
        await run_load(port, [[request("GET", "/")]], _MANY)
