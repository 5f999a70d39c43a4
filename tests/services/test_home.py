"""What blue cannot hold lives on green, as long as green follows and answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from proxy.core.messages import header
from proxy.services import home as module
from tests.fakes.running_proxy import Bench
from tests.fakes.traces_at_home import PATH, old_blue, start_trace
from tests.fakes.tracking_server import Fault


@pytest.fixture
async def bench(tmp_path) -> AsyncIterator[Bench]:
    """Blue is too old for traces, green is not."""
    async with old_blue(tmp_path) as running:
        yield running


@pytest.mark.parametrize("fault", ["gone", "hangs"])
async def test_green_is_a_luxury(bench, monkeypatch, fault):
    """A green that does not answer costs a bounded time and a refusal that no client repeats."""
    monkeypatch.setattr(module, "_PATIENCE_S", 0.05)
    if fault == "gone":
        await bench.green.refuse()
    else:
        bench.green.break_(PATH, Fault.HANG)
    answer = await start_trace(bench, "0")
    assert (answer.status, answer.json["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
    assert "StartTraceV3 needs an MLflow server >= 3." in answer.json["message"]
    assert "green" in answer.json["message"]
    assert [record.intent.operation for record in await bench.records()] == ["CreateExperiment"]


async def test_only_while_green_follows(bench):
    """While deliveries are held back, or there is one server only, it is refused as before."""
    await bench.restart(phase="recording", state={"url": f"sqlite:///{bench.directory / 'other.db'}"})
    assert (await start_trace(bench, "0")).status == 404
    assert bench.green.seen(PATH) == []


async def test_what_belongs_to_runs_stays(bench):
    """A tag cannot live on another server than its experiment, whatever green could do."""
    before = len(bench.green.seen("experiments"))
    await bench.post("experiments/delete-experiment-tag", experiment_id="0", key="k")
    assert len(bench.green.seen("experiments/delete")) == 0
    assert before == len(bench.green.seen("experiments/get"))


async def test_the_mirror_goes_first(bench):
    """What is on its way to green is waited for, so that a trace never arrives before the tag of its own."""
    experiment = await bench.create_experiment("e")
    run = await bench.create_run(experiment)
    await bench.settled()
    slow = bench.green.break_("set-tag", Fault.SLOW)
    await bench.post("runs/set-tag", run_id=run, key="k", value="v")
    await bench.green.saw("set-tag")
    waiting = asyncio.ensure_future(start_trace(bench, experiment, **{"mlflow.sourceRun": run}))
    await asyncio.sleep(0.05)
    assert bench.green.seen(PATH) == []
    slow.event.set()
    assert (await waiting).status == 200


async def test_a_silent_green_is_not_waited_for_twice(bench, monkeypatch):
    """After one long wait the next ones are short, also for the mirror, until green answers again."""
    await bench.settled()
    monkeypatch.setattr(module, "_PATIENCE_S", 0.3)
    monkeypatch.setattr(module, "_PATIENCE_WITH_SILENCE_S", 0.01)
    rule = bench.green.break_(PATH, Fault.HANG)
    assert (await start_trace(bench, "0")).status == 404
    monkeypatch.setattr(module, "_PATIENCE_S", 60.0)
    assert (await asyncio.wait_for(start_trace(bench, "0"), 10)).status == 404
    bench.green.heal()
    monkeypatch.setattr(module, "_PATIENCE_WITH_SILENCE_S", 60.0)
    assert (await start_trace(bench, "0")).status == 200
    monkeypatch.setattr(module, "_PATIENCE_WITH_SILENCE_S", 0.0)
    assert (await start_trace(bench, "0")).status == 200
    assert rule.event.is_set()


async def test_what_cannot_be_brought_is_a_refusal(bench):
    """Green refuses our own credentials, say: that is no server error of the client's either."""
    await bench.restart(phase="mirroring")
    bench.green.break_("experiments/", Fault.ANSWER, status=401, body=b'{"error_code": "UNAUTHENTICATED"}')
    experiment = bench.blue.store.add_experiment("unknown to green")
    answer = await start_trace(bench, experiment)
    assert (answer.status, answer.json["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
    assert "401" in answer.json["message"]


async def version_told(bench: Bench, client: str) -> str:
    """What a client is told of the server's version."""
    answer = await bench.send("GET", "/version", b"", {"User-Agent": f"mlflow-python-client/{client}"})
    assert answer.status == 200
    return answer.body.decode()


async def test_clients_are_told_where_spans_go(bench):
    """Who asks in order to send spans hears of the side that has traces, though it be down; others of blue."""
    assert [await version_told(bench, client) for client in ("3.17.2", "3.6.0")] == ["3.17.2"] * 2
    assert [await version_told(bench, client) for client in ("2.22.4", "3.3.2")] == ["1.30.1"] * 2
    await bench.green.refuse()
    assert await version_told(bench, "3.17.2") == "3.17.2"


async def test_spans_go_home(bench):
    """An OTLP export is done by green, its experiment by green's own number."""
    bench.green.pages["/v1/traces"] = (200, {"Content-Type": "application/x-protobuf"}, b"")
    experiment = await bench.create_experiment("e")
    named = {"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": experiment}
    answer = await bench.send("POST", "/v1/traces", b"spans", named)
    assert (answer.status, answer.headers["x-tightrope-translated"]) == (200, "home")
    (seen,) = bench.green.seen("/v1/traces")
    assert (seen.body, bench.blue.seen("/v1/traces")) == (b"spans", [])
    there = header(seen.headers, "x-mlflow-experiment-id")
    assert bench.green.store.experiments[str(there)]["name"] == "e"


async def test_spans_stay_where_traces_are(tmp_path):
    """A blue that keeps traces, though it takes no spans, is not left for them: they would be apart from the rest."""
    async with Bench(tmp_path, blue={"version": "2.22.4"}) as bench:
        bench.blue.version = "2.22.4"
        assert await version_told(bench, "3.17.2") == "2.22.4"
        answer = await bench.send("POST", "/v1/traces", b"spans", {"Content-Type": "application/x-protobuf"})
        assert (answer.status, bench.green.seen("/v1/traces")) == (404, [])
