"""Traces that live on green, because blue is too old for them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes.running_proxy import Answer, Bench

TRACE = "tr-" + "c" * 32
PATH = "/api/3.0/mlflow/traces"
ANSWERED = (200, {"Content-Type": "application/json"}, json.dumps({"trace": {"trace_info": {}}}).encode())


@asynccontextmanager
async def old_blue(directory: Path) -> AsyncIterator[Bench]:
    """A blue that says it is 1.30.1 and a green of 3.17.2 that takes traces, mirroring."""
    async with Bench(directory, blue={"version": "1.30.1"}) as running:
        running.blue.version = "1.30.1"
        running.green.pages[PATH] = ANSWERED
        await running.create_experiment("first")
        running.blue.store.add_experiment("before the window")  # so that numbers differ
        yield running


async def start_trace(bench: Bench, experiment: str, **metadata: str) -> Answer:
    """A version-3 trace, as clients since 3.3 send it."""
    location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}
    info = {"trace_id": TRACE, "trace_location": location, "trace_metadata": metadata}
    body = json.dumps({"trace": {"trace_info": info}}).encode()
    return await bench.send("POST", PATH, body, {"Content-Type": "application/json"})
