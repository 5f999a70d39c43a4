"""Nobody knows whether blue applied a write: it is settled by reading blue, and green gets the effect once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest

from proxy.core.writes import State
from tests.fakes.running_proxy import Bench
from tests.fakes.tracking_server import ARTIFACTS, Fault, error_body

WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "CreateExperiment": ("experiments/create", {"name": "e"}),
    "CreateRun": ("runs/create", {"experiment_id": "0", "start_time": 1234, "user_id": "ann", "run_name": "r"}),
    "CreateRegisteredModel": ("registered-models/create", {"name": "new"}),
    "CreateModelVersion": ("model-versions/create", {"name": "m", "source": "s3://bucket/x"}),
    "LogMetric": ("runs/log-metric", {"key": "loss", "value": 1.5, "timestamp": 1, "step": 0}),
    "SetTag": ("runs/set-tag", {"key": "t", "value": "v"}),
    "UpdateRun": ("runs/update", {"status": "FINISHED", "end_time": 99}),
    "SetExperimentTag": ("experiments/set-experiment-tag", {"experiment_id": "0", "key": "t", "value": "v"}),
    "SetRegisteredModelTag": ("registered-models/set-tag", {"name": "m", "key": "t", "value": "v"}),
}


def held(server) -> object:
    """What a server holds, without the ids that it minted and without our hidden tags."""
    store = server.store

    def tags(pairs) -> list[tuple[str, str]]:
        found = pairs.items() if isinstance(pairs, dict) else [(pair["key"], pair["value"]) for pair in pairs]
        return sorted(pair for pair in found if not pair[0].startswith("mlflow.tightrope."))

    info = ("run_name", "status", "start_time", "end_time", "user_id", "lifecycle_stage")
    runs = [
        ([run["info"].get(key) for key in info], run["metrics"], run["params"], tags(run["tags"]))
        for run in store.runs.values()
    ]
    versions = [
        (name, version["version"], version["source"], version["description"], tags(version["tags"]))
        for name, each in store.versions.items()
        for version in each
    ]
    return deepcopy(
        (
            sorted((one["name"], one["lifecycle_stage"], tags(one["tags"])) for one in store.experiments.values()),
            sorted(runs, key=repr),
            sorted((name, model["description"], tags(model["tags"])) for name, model in store.models.items()),
            sorted(versions),
        )
    )


@pytest.fixture
async def recording(tmp_path) -> AsyncIterator[Bench]:
    """Nothing is delivered or settled until the phase says so, so that several attempts are there by then."""
    async with Bench(tmp_path, phase="recording") as running:
        yield running


async def prepared(bench: Bench) -> str:
    """A run and a model on both sides."""
    run = await bench.create_run(run_name="before")
    await bench.post("registered-models/create", name="m")
    await bench.settled()
    return run


def arguments_of(name: str, run: str) -> tuple[str, dict[str, Any]]:
    operation, arguments = WRITES[name]
    of_run = operation.startswith("runs/") and name != "CreateRun"
    return operation, ({"run_id": run, **arguments} if of_run else arguments)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(
    ("fault", "applied"),
    [
        (Fault.RESET_BEFORE, False),
        (Fault.RESET_AFTER, True),
        (Fault.CUT, True),
        (Fault.ANSWER, False),
        (Fault.ANSWER_AFTER, True),
    ],
)
async def test_blue_breaks_off(bench, name, fault, applied):
    """The client gets an error and may retry; both sides end with the same, whether blue had applied it or not."""
    run = await prepared(bench)
    before = held(bench.blue)
    operation, arguments = arguments_of(name, run)
    bench.blue.break_(operation, fault, times=1)
    answer = await bench.post(operation, **arguments)
    if fault in {Fault.ANSWER, Fault.ANSWER_AFTER}:
        assert (answer.status, answer.body) == (500, b"<html>Internal Server Error</html>")
    else:
        assert (answer.status, answer.json["error_code"]) == (502, "TEMPORARILY_UNAVAILABLE")
    await bench.settled()
    assert (held(bench.blue) != before) == applied
    assert held(bench.green) == held(bench.blue)
    assert await bench.records(State.IN_DOUBT, State.PARKED, State.ANSWERED) == []


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER])
async def test_the_client_retries(recording, name, fault):
    """A client that sends the write again gets what blue makes of it, and green holds exactly that, nothing twice."""
    bench = recording
    run = await bench.create_run(run_name="before")
    await bench.post("registered-models/create", name="m")
    operation, arguments = arguments_of(name, run)
    bench.blue.break_(operation, fault, times=1)
    assert (await bench.post(operation, **arguments)).status == 502
    again = await bench.post(operation, **arguments)
    already = fault is Fault.RESET_AFTER and name in {"CreateExperiment", "CreateRegisteredModel"}
    assert again.status == (400 if already else 200)
    await bench.admin("POST", "/api/v1/phase", to="mirroring")
    await bench.settled()
    assert held(bench.green) == held(bench.blue)
    assert await bench.records(State.IN_DOUBT, State.PARKED, State.ANSWERED) == []


@pytest.mark.parametrize("applied", [False, True])
async def test_blue_answers_too_late(tmp_path, applied):
    """A write that blue does not answer in time is a 504 for the client, in doubt, and then settled."""
    async with Bench(tmp_path) as bench:
        run = await prepared(bench)
        await bench.stop()
        bench.changes["blue"] = {"read_timeout_s": 0.3}
        await bench.start()
        bench.blue.break_("log-metric", Fault.HANG_AFTER if applied else Fault.HANG, times=1)
        answer = await bench.log(run, 5)
        assert (answer.status, answer.json["error_code"]) == (504, "TEMPORARILY_UNAVAILABLE")
        await bench.settled()
        (twin,) = bench.green.store.twins_of(run)
        assert bench.green.store.points(twin) == ([5] if applied else [])


async def test_in_doubt_until_blue_can_be_read(bench):
    """While blue is away nothing can be settled: the record stays in doubt, is counted, and stops a cutover."""
    run = await prepared(bench)
    bench.blue.break_("log-metric", Fault.RESET_AFTER, times=1)
    bench.blue.break_("runs/get", Fault.ANSWER, status=503)
    assert (await bench.log(run, 5)).status == 502
    await bench.reaches("mirrored", "mirrored", "in_doubt")
    assert await bench.metric('tightrope_journal_records{state="in_doubt"}') == 1
    await bench.blue.saw("runs/get", 3)
    assert await bench.states() == ["mirrored", "mirrored", "in_doubt"]
    refused = await bench.admin("POST", "/api/v1/cutover", max_hold_s=0.2)
    assert refused.status == 409
    bench.blue.heal()
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.points(twin) == [5]


@pytest.mark.parametrize("operation", ["experiments/get-by-name", "runs/search", "registered-models/get"])
async def test_a_create_in_doubt_until_blue_can_be_read(bench, operation):
    """A server error while blue is searched for what a create made says nothing: it is asked again."""
    creates = {"experiments": "CreateExperiment", "runs": "CreateRun", "registered-models": "CreateRegisteredModel"}
    create, arguments = WRITES[creates[operation.partition("/")[0]]]
    bench.blue.break_(create, Fault.RESET_AFTER, times=1)
    bench.blue.break_(operation, Fault.ANSWER, times=3, status=503)
    assert (await bench.post(create, **arguments)).status == 502
    await bench.settled()
    assert held(bench.green) == held(bench.blue)
    assert await bench.states() == ["mirrored"]


async def test_a_run_that_cannot_be_told_apart(bench):
    """A create without a start time leaves nothing to find its run by: it is parked, never guessed."""
    bench.blue.break_("runs/create", Fault.RESET_AFTER, times=1)
    assert (await bench.post("runs/create", experiment_id="0")).status == 502
    await bench.settled()
    (parked,) = await bench.records()
    assert (parked.state, parked.reason) == (State.PARKED, "in_doubt")
    assert bench.green.store.runs == {}


async def test_a_refusal_by_server_error(bench):
    """A 5xx whose error code says that nothing was done is a refusal, and nothing is mirrored."""
    run = await prepared(bench)
    body = error_body("INVALID_STATE")
    bench.blue.break_("log-metric", Fault.ANSWER, times=1, status=500, body=body)
    answer = await bench.log(run, 5)
    assert (answer.status, answer.body) == (500, body)
    await bench.settled()
    assert await bench.states() == ["mirrored", "mirrored", "rejected"]


@pytest.mark.parametrize("applied", [False, True])
async def test_an_upload(bench, applied):
    """An upload in doubt: green gets the file when blue has it, and none when it does not."""
    run = await prepared(bench)
    path = f"0/{run}/artifacts/a.txt"
    bench.blue.break_("a.txt", Fault.RESET_AFTER if applied else Fault.RESET_BEFORE, times=1)
    answer = await bench.send("PUT", f"{ARTIFACTS}/{path}", b"content")
    assert answer.status == 502
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.artifacts == ({f"0/{twin}/artifacts/a.txt": b"content"} if applied else {})
    assert (await bench.states())[-1] == ("mirrored" if applied else "rejected")


async def test_a_deletion(bench):
    """A deletion in doubt that blue did: green does it, too."""
    run = await prepared(bench)
    path = f"{ARTIFACTS}/0/{run}/artifacts/a.txt"
    await bench.send("PUT", path, b"content")
    await bench.settled()
    assert len(bench.green.artifacts) == 1
    bench.blue.break_("a.txt", Fault.RESET_AFTER, times=1)
    assert (await bench.send("DELETE", path)).status == 502
    await bench.settled()
    assert bench.green.artifacts == {}


async def test_an_experiment_id_that_nobody_was_told(bench):
    """An experiment made by a write in doubt gets one public id, by which both sides can be asked."""
    bench.blue.store.next_experiment = 7
    bench.blue.break_("experiments/create", Fault.RESET_AFTER, times=1)
    assert (await bench.post("experiments/create", name="e")).status == 502
    await bench.settled()
    found = (await bench.get("experiments/get-by-name", "experiment_name=e")).json["experiment"]["experiment_id"]
    assert found == "7"
    run = await bench.create_run(found)
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.runs[twin]["info"]["experiment_id"] == bench.green.store.named("e")[0]


async def test_points_that_were_brought_already(recording):
    """Settling brings a run with all it has; a NaN among it that is then delivered is refused and not parked."""
    bench = recording
    run = await bench.create_run()
    bench.blue.break_("log-metric", Fault.RESET_BEFORE, times=1)
    assert (await bench.log(run, 1)).status == 502
    nan = {"key": "loss", "value": "NaN", "timestamp": 1, "step": 2}
    assert (await bench.post("runs/log-metric", run_id=run, **nan)).status == 200
    await bench.admin("POST", "/api/v1/phase", to="mirroring")
    await bench.settled()
    assert await bench.records(State.PARKED) == []
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.points(twin) == ["NaN"]


@pytest.mark.parametrize("blue", ["2.22.4", "3.17.2"])
@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER])
async def test_a_logged_model(tmp_path, blue, fault):
    """It is looked for by its name and run, whether blue has logged models or it was emulated there."""
    async with Bench(tmp_path) as bench:
        await bench.stop()
        bench.blue.version = blue
        await bench.start()
        run = await prepared(bench)
        path = "logged-models" if blue == "3.17.2" else "log-batch"
        bench.blue.break_(path, fault, times=1)
        answer = await bench.post("logged-models", experiment_id="0", name="m", source_run_id=run)
        assert answer.status == 502
        await bench.settled()
        names = [model["info"]["name"] for model in bench.green.models.models.values()]
        assert names == (["m"] if fault is Fault.RESET_AFTER else [])
        assert (await bench.states())[-1] == ("mirrored" if names else "rejected")


async def test_a_logged_model_that_cannot_be_told_apart(bench):
    """Without a name and a run there is nothing to find it by: it is parked."""
    bench.blue.break_("logged-models", Fault.RESET_AFTER, times=1)
    assert (await bench.post("logged-models", experiment_id="0")).status == 502
    await bench.settled()
    assert [record.reason for record in await bench.records(State.PARKED)] == ["in_doubt"]


async def test_a_link_of_a_run_to_a_logged_model(bench):
    """The run is synced, with its models and the links to them."""
    run = await prepared(bench)
    made = (await bench.post("logged-models", experiment_id="0", name="m", source_run_id=run)).json["model"]["info"]
    await bench.settled()
    bench.blue.break_("runs/outputs", Fault.RESET_AFTER, times=1)
    models = [{"model_id": made["model_id"], "step": 1}]
    assert (await bench.post("runs/outputs", run_id=run, models=models)).status == 502
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    (model,) = bench.green.models.models
    assert bench.green.models.outputs == {twin: [{"model_id": model, "step": 1}]}
    assert await bench.records(State.PARKED) == []
