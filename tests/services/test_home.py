"""What blue cannot hold lives on green, as long as green follows and answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from proxy.core.messages import Side
from proxy.services import home as module
from tests.fakes.running_proxy import Answer, Bench
from tests.fakes.tracking_server import Fault

TRACE = "tr-" + "c" * 32
PATH = "/api/3.0/mlflow/traces"
ANSWERED = (200, {"Content-Type": "application/json"}, json.dumps({"trace": {"trace_info": {}}}).encode())


@pytest.fixture
async def bench(tmp_path) -> AsyncIterator[Bench]:
    """A blue that says it is 1.30.1 and a green of 3.17.2 that takes traces, mirroring."""
    async with Bench(tmp_path, blue={"version": "1.30.1"}) as running:
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


async def test_what_cannot_be_brought_is_a_refusal(bench):
    """Green refuses our own credentials, say: that is no server error of the client's either."""
    await bench.restart(phase="mirroring")
    bench.green.break_("experiments/", Fault.ANSWER, status=401, body=b'{"error_code": "UNAUTHENTICATED"}')
    experiment = bench.blue.store.add_experiment("unknown to green")
    answer = await start_trace(bench, experiment)
    assert (answer.status, answer.json["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
    assert "401" in answer.json["message"]


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
