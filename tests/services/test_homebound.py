"""Requests that are carried out at home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from proxy.core.messages import Side
from tests.fakes.running_proxy import Bench
from tests.fakes.traces_at_home import ANSWERED, PATH, TRACE, old_blue, start_trace
from tests.fakes.tracking_server import Fault


@pytest.fixture
async def bench(tmp_path) -> AsyncIterator[Bench]:
    """Blue is too old for traces, green is not."""
    async with old_blue(tmp_path) as running:
        yield running


def info_of(document: Any) -> tuple[str, dict[str, str]]:
    """The experiment and the metadata of a trace that arrived."""
    info = document["trace"]["trace_info"]
    return info["trace_location"]["mlflow_experiment"]["experiment_id"], info["trace_metadata"]


async def test_a_write_goes_home(bench):
    """The trace is made on green with green's ids, which need not have been mirrored yet; the journal notes it."""
    bench.green.break_("runs/create", Fault.ANSWER, times=1, status=503)  # the mirror is behind
    experiment = await bench.create_experiment("e")
    run = await bench.create_run(experiment)
    answer = await start_trace(bench, experiment, **{"mlflow.sourceRun": run})
    assert (answer.status, answer.headers["x-tightrope-translated"]) == (200, "home")
    (seen,) = bench.green.seen(PATH)
    there, metadata = info_of(seen.json)
    (twin,) = bench.green.store.runs
    assert bench.green.store.experiments[there]["name"] == "e"
    assert (metadata, there != experiment, twin != run) == ({"mlflow.sourceRun": twin}, True, True)
    assert bench.blue.seen(PATH) == []
    await bench.settled()
    noted = (await bench.records())[-1]
    assert (noted.intent.operation, noted.state.value, noted.reason) == ("StartTraceV3", "skipped", "home")
    assert noted.intent.side is Side.GREEN
    assert await bench.metric('tightrope_mirror_skipped_total{reason="home"}') == 1


async def test_reads_and_files_go_home(bench):
    """What was written there is read there, its files included; everything else stays with blue."""
    bench.green.pages[f"{PATH}/{TRACE}"] = ANSWERED
    file = f"/api/2.0/mlflow-artifacts/artifacts/0/traces/{TRACE}/artifacts/traces.json"
    assert (await bench.send("GET", f"{PATH}/{TRACE}")).status == 200
    assert (await bench.send("PUT", file, b"{}")).status == 200
    assert (await bench.send("GET", file)).body == b"{}"
    assert await bench.metric('tightrope_mirror_skipped_total{reason="home"}') == 1
    other = f"/api/2.0/mlflow-artifacts/artifacts/0/{'a' * 32}/artifacts/x"
    assert (await bench.send("PUT", other, b"1")).status == 200
    assert [len(bench.blue.seen("/traces/")), len(bench.blue.seen("/artifacts/x"))] == [0, 1]


async def test_a_refused_write_is_not_noted(bench):
    """What green did not do is neither in the journal nor counted."""
    bench.green.pages[PATH] = (400, {"Content-Type": "application/json"}, b'{"error_code": "BAD_REQUEST"}')
    before = len(await bench.records())
    assert (await start_trace(bench, "0")).status == 400
    assert len(await bench.records()) == before
    assert await bench.metric('tightrope_mirror_skipped_total{reason="home"}') == 0


async def test_two_at_once(bench):
    """Objects that are needed at the same time are brought over once."""
    experiment = await bench.create_experiment("e")
    answers = await asyncio.gather(*(start_trace(bench, experiment) for _ in range(5)))
    assert [answer.status for answer in answers] == [200] * 5
    await bench.settled()
    assert [one["name"] for one in bench.green.store.experiments.values()].count("e") == 1


@pytest.mark.parametrize("status", [500, 503])
async def test_a_failure_of_green_is_a_refusal(bench, status):
    """A green whose database is down answers 5xx to everything; no client shall repeat its trace for minutes."""
    bench.green.break_(PATH, Fault.ANSWER, status=status)
    for answer in (await start_trace(bench, "0"), await bench.send("GET", f"{PATH}/{TRACE}")):
        assert (answer.status, answer.json["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
        assert f"it answered {status}" in answer.json["message"]
    file = f"/api/2.0/mlflow-artifacts/artifacts/0/traces/{TRACE}/artifacts/traces.json"
    bench.green.break_(file, Fault.ANSWER, status=status)
    for method in ("GET", "PUT"):
        assert (await bench.send(method, file, b"{}" if method == "PUT" else b"")).status == 404
    assert [record.intent.operation for record in await bench.records()] == ["CreateExperiment"]


async def test_a_hold_is_for_writes_at_home_as_well(bench):
    """They wait, and reads go on; a switch never finds one under way."""
    bench.green.pages[f"{PATH}/{TRACE}"] = ANSWERED
    await bench.admin("POST", "/api/v1/hold", max_s=60)
    waiting = asyncio.ensure_future(start_trace(bench, "0"))
    assert (await bench.send("GET", f"{PATH}/{TRACE}")).status == 200
    assert bench.green.seen(PATH, "POST") == []
    assert not waiting.done()
    await bench.admin("POST", "/api/v1/release")
    assert (await waiting).status == 200
