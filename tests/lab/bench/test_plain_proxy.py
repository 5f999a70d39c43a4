"""The peer must do its job, or beating it means nothing."""

from __future__ import annotations

import json

from proxy.lab.bench.plain_proxy import application
from proxy.lab.bench.stub import Stub, serve
from proxy.lab.bench.workloads import CLIENT_VERSION


async def test_it_passes_requests_and_answers_on(aiohttp_client):
    """Reads and writes with bodies reach the server with their length, and its answers and errors come back."""
    stub = Stub()
    server = await serve(0, stub)
    client = await aiohttp_client(application(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    version = await client.get("/version")
    assert (version.status, await version.text()) == (200, CLIENT_VERSION)
    logged = await client.post("/api/2.0/mlflow/runs/log-metric", data=json.dumps({"key": "a"}))
    assert (logged.status, await logged.read(), stub.writes) == (200, b"{}", 1)
    assert (await client.get("/nothing?a=%2F")).status == 404
    server.close()
