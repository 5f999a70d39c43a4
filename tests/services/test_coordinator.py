"""Moves between phases: what stops them, what they leave behind, and the ids that clients hold across them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from proxy.core.writes import State
from proxy.errors import StorageError
from tests.fakes.running_proxy import Answer, Bench, eventually
from tests.fakes.tracking_server import Fault, error_body

HIDDEN = b"mlflow.tightrope."


async def cutover(bench: Bench, **body) -> Answer:
    return await bench.admin("POST", "/api/v1/cutover", **body)


async def rollback(bench: Bench, **body) -> Answer:
    return await bench.admin("POST", "/api/v1/rollback", **body)


def gate_of(report: Answer, name: str) -> dict[str, Any]:
    (found,) = [gate for gate in report.json["gates"] if gate["name"] == name]
    return dict(found)


async def started(bench: Bench, coroutine, holds) -> asyncio.Task[Answer]:
    """A request that has come so far that ``holds`` is true."""
    task: asyncio.Task[Answer] = asyncio.ensure_future(coroutine)
    await eventually(holds, "the request is under way")
    assert not task.done()
    return task


async def test_there_and_back(bench):
    """After the cutover green serves and blue follows; after the rollback blue serves with nothing lost."""
    run = await bench.create_run(await bench.create_experiment("e"))
    await bench.log(run, 1)
    report = await cutover(bench)
    assert (report.status, report.json["outcome"], await bench.phase()) == (200, "done", "mirroring_back")
    seen_by_blue = len(bench.blue.requests)
    await bench.log(run, 2)
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.points(twin) == [1, 2]
    assert bench.blue.store.points(run) == [1, 2]
    assert len(bench.blue.requests) > seen_by_blue
    assert (await rollback(bench)).json["outcome"] == "done"
    await bench.log(run, 3)
    await bench.settled()
    assert bench.blue.store.points(run) == bench.green.store.points(twin) == [1, 2, 3]
    assert await bench.metric('tightrope_cutovers_total{direction="cutover",outcome="done"}') == 1
    assert await bench.metric('tightrope_cutovers_total{direction="rollback",outcome="done"}') == 1
    assert await bench.metric('tightrope_serving{side="blue"}') == 1


async def test_a_dry_run_changes_nothing(bench):
    """It prints the steps and each gate with its value, and leaves the phase and the writes alone."""
    report = await cutover(bench, dry_run=True)
    assert (report.status, report.json["outcome"], await bench.phase()) == (200, "planned", "mirroring")
    assert {step["state"] for step in report.json["steps"]} == {"planned"}
    assert gate_of(report, "parked")["value"] == "0"
    entries = (await bench.admin("GET", "/api/v1/audit")).json["entries"]
    assert [entry["action"] for entry in entries] == ["start"]


async def test_writes_wait_for_those_under_way(bench):
    """A write under way ends on the old side; one that comes later waits, and is served by the new side."""
    run = await bench.create_run()
    await bench.settled()
    gate = bench.running.desk._gate
    slow = bench.blue.break_("log-metric", Fault.SLOW, times=1)
    first = await started(bench, bench.log(run, 1), lambda: gate.in_flight == 1)
    moving = await started(bench, cutover(bench), lambda: gate.held)
    second = await started(bench, bench.log(run, 2), lambda: gate.waiting == 1)
    assert (await bench.get("runs/get", f"run_id={run}")).status == 200  # reads never wait
    slow.event.set()
    assert (await moving).json["outcome"] == "done"
    assert (await first).status == (await second).status == 200
    assert len(bench.blue.seen("log-metric")) == 1
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.points(twin) == bench.blue.store.points(run) == [1, 2]


async def test_a_write_whose_client_left_is_still_under_way(bench):
    """A client that hung up does not make its write safe to overtake: the move waits for the write to end."""
    run = await bench.create_run()
    await bench.settled()
    gate = bench.running.desk._gate
    slow = bench.blue.break_("log-metric", Fault.SLOW, times=1)
    gone = await started(bench, bench.log(run, 1), lambda: gate.in_flight == 1)
    await bench.blue.saw("log-metric")
    gone.cancel()
    moving = await started(bench, cutover(bench), lambda: gate.held)
    for _ in range(50):  # time enough for a move that does not wait
        await asyncio.sleep(0)
    await bench.get("runs/get", f"run_id={run}")
    assert not moving.done()
    slow.event.set()
    assert (await moving).json["outcome"] == "done"
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.points(twin) == [1]


async def test_the_cap_is_exceeded(bench):
    """A write that does not end in time: the move is aborted, the phase is the one before, writes go on."""
    run = await bench.create_run()
    await bench.settled()
    gate = bench.running.desk._gate
    slow = bench.blue.break_("log-metric", Fault.SLOW, times=1)
    first = await started(bench, bench.log(run, 1), lambda: gate.in_flight == 1)
    report = await cutover(bench, max_hold_s=0.1)
    assert (report.status, report.json["outcome"], await bench.phase()) == (409, "aborted", "mirroring")
    assert not gate.held
    assert (await bench.log(run, 2)).status == 200
    slow.event.set()
    assert (await first).status == 200
    assert await bench.metric('tightrope_cutovers_total{direction="cutover",outcome="aborted"}') == 1
    assert (await cutover(bench)).json["outcome"] == "done"


async def test_green_dies_in_the_drain(bench):
    """Green goes away while its backlog is drained: aborted, released, and blue serves as before."""
    run = await bench.create_run()
    await bench.settled()
    bench.green.break_("log-metric", Fault.HANG)
    await bench.log(run, 1)
    await bench.green.saw("log-metric")
    gate = bench.running.desk._gate
    moving = await started(bench, cutover(bench, max_hold_s=1.0), lambda: gate.held)
    waiting = await started(bench, bench.log(run, 2), lambda: gate.waiting == 1)
    await bench.green.refuse()
    report = await moving
    assert (report.status, report.json["outcome"], await bench.phase()) == (409, "aborted", "mirroring")
    assert (await waiting).status == 200
    assert bench.blue.store.points(run) == [1, 2]
    bench.green.heal()
    await bench.green.listen()
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.points(twin) == [1, 2]
    assert (await cutover(bench)).json["outcome"] == "done"


async def test_green_is_down_before(bench):
    """Refused before any write waits."""
    await bench.green.refuse()
    report = await cutover(bench)
    assert (report.status, report.json["outcome"], report.json["held_s"]) == (409, "refused", 0.0)
    assert await bench.phase() == "mirroring"


async def test_two_moves_at_once(bench):
    """The second one is refused, and the first goes on; so is a hold, and a release of somebody else's hold."""
    run = await bench.create_run()
    await bench.settled()
    gate = bench.running.desk._gate
    slow = bench.blue.break_("log-metric", Fault.SLOW, times=1)
    first = await started(bench, bench.log(run, 1), lambda: gate.in_flight == 1)
    moving = await started(bench, cutover(bench), lambda: gate.held)
    for path in ("cutover", "hold", "release"):
        assert (await bench.admin("POST", f"/api/v1/{path}")).status == 409, path
    assert (await bench.admin("POST", "/api/v1/phase", to="blue_only")).status == 409
    assert gate.held
    slow.event.set()
    assert (await moving).json["outcome"] == "done"
    assert (await first).status == 200


async def test_illegal_moves(bench):
    """What the table of phases does not have is refused and changes nothing."""
    assert (await rollback(bench)).status == 409
    assert (await bench.admin("POST", "/api/v1/phase", to="green_only")).status == 409
    assert await bench.phase() == "mirroring"


async def test_one_server_only(tmp_path):
    """Without a green server there is nothing to mirror to, and the answer says what is missing."""
    async with Bench(tmp_path) as bench:
        await bench.stop()
        await bench.start(green=None, phase="blue_only", state={"url": f"sqlite:///{tmp_path / 'other.db'}"})
        refused = await bench.admin("POST", "/api/v1/phase", to="mirroring")
        assert (refused.status, "green" in refused.json["message"]) == (409, True)
        run = await bench.create_run()
        assert (await bench.log(run, 1)).status == 200
        assert await bench.states() == []
        assert bench.blue.store.points(run) == [1]


@pytest.mark.parametrize(
    ("to", "then"),
    [((), "mirroring"), (("mirroring_back",), "mirroring_back"), (("mirroring_back", "green_only"), "green_only")],
)
async def test_a_restart_keeps_the_phase(bench, to, then):
    """The stored phase counts, not the configured one; writes go to the same side as before."""
    for phase in to:
        assert (await bench.admin("POST", "/api/v1/phase", to=phase)).status == 200
    await bench.restart(phase="recording")
    assert await bench.phase() == then
    serving = bench.blue if then == "mirroring" else bench.green
    run = await bench.create_run()
    assert run in serving.store.runs


@pytest.mark.parametrize("phase", ["blue_only", "recording"])
async def test_a_restart_in_the_early_phases(tmp_path, phase):
    """The same before the window."""
    async with Bench(tmp_path, phase=phase) as bench:
        run = await bench.create_run()
        await bench.restart(phase="mirroring")
        assert await bench.phase() == phase
        assert run in bench.blue.store.runs
        assert await bench.states() == ([] if phase == "blue_only" else ["answered"])


async def test_the_phase_cannot_be_stored(bench, monkeypatch):
    """A move whose new phase cannot be stored is aborted in the phase before."""
    run = await bench.create_run()
    await bench.settled()

    async def refuse(*_: object, **__: object) -> None:
        raise StorageError("disk full")

    monkeypatch.setattr(bench.running.desk._store, "save", refuse)
    report = await cutover(bench)
    assert (report.status, report.json["outcome"], await bench.phase()) == (409, "aborted", "mirroring")
    assert (await bench.log(run, 1)).status == 200
    assert bench.blue.store.points(run) == [1]


async def test_abandoning_the_window(bench):
    """What was not delivered never will be: it is closed as skipped with that reason, and counted."""
    await bench.green.refuse()
    run = await bench.create_run()
    await bench.log(run, 1)
    assert (await bench.admin("POST", "/api/v1/phase", to="blue_only")).status == 200
    assert [(one.state, one.reason) for one in await bench.records()] == [(State.SKIPPED, "window_closed")] * 2
    assert await bench.metric('tightrope_mirror_skipped_total{reason="window_closed"}') == 2
    assert (await bench.log(run, 2)).status == 200
    assert len(await bench.states()) == 2
    await bench.green.listen()
    assert (await bench.admin("POST", "/api/v1/phase", to="mirroring")).status == 200
    await bench.log(run, 3)
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert sorted(bench.green.store.points(twin)) == [1, 2, 3]  # brought as a whole, because green did not have it


async def test_a_waived_leftover_is_parked(bench):
    """A write that a waiver left behind is not sent to the side that serves now, where it would undo newer ones."""
    run = await bench.create_run()
    await bench.settled()
    bench.green.break_("set-tag", Fault.ANSWER, status=503)
    await bench.post("runs/set-tag", run_id=run, key="t", value="old")
    report = await cutover(bench, waive=["delivered"], max_hold_s=1.0)
    assert report.json["outcome"] == "done"
    bench.green.heal()
    await bench.post("runs/set-tag", run_id=run, key="t", value="new")
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.runs[twin]["tags"]["t"] == "new"
    (parked,) = await bench.records(State.PARKED)
    assert parked.reason == "switched"


# ------------------------------------------------------------------------------------------------------------------ ids


async def same_by_id(bench: Bench, names: dict[str, str], runs: dict[str, str]) -> None:
    """Every id that a client was given means the same object, by every way of asking."""
    for number, name in names.items():
        answer = await bench.get("experiments/get", f"experiment_id={number}")
        assert (answer.json["experiment"]["experiment_id"], answer.json["experiment"]["name"]) == (number, name)
        by_name = await bench.get("experiments/get-by-name", f"experiment_name={name}")
        assert by_name.json["experiment"]["experiment_id"] == number
        assert HIDDEN not in answer.body + by_name.body
    listed = await bench.post("experiments/search", max_results=1000)
    assert {one["experiment_id"]: one["name"] for one in listed.json["experiments"]} == {"0": "Default", **names}
    for run, number in runs.items():
        answer = await bench.get("runs/get", f"run_id={run}")
        info = answer.json["run"]["info"]
        assert (info["run_id"], info["experiment_id"]) == (run, number)
        assert info["artifact_uri"] == f"mlflow-artifacts:/{number}/{run}/artifacts"
        found = await bench.post("runs/search", experiment_ids=[number])
        assert run in [one["info"]["run_id"] for one in found.json["runs"]]
        assert HIDDEN not in answer.body + found.body


@pytest.mark.parametrize(("blue", "green"), [(1, 1), (1, 7), (5, 1), (3, 4)])
async def test_ids_stay_valid(tmp_path, blue, green):
    """Both servers count experiments on their own; public ids never collide and work in every phase."""
    async with Bench(tmp_path) as bench:
        bench.blue.store.next_experiment, bench.green.store.next_experiment = blue, green
        names: dict[str, str] = {}
        runs: dict[str, str] = {}

        async def make(name: str) -> None:
            number = await bench.create_experiment(name)
            assert number not in names
            names[number] = name
            runs[await bench.create_run(number)] = number

        for name in ("a", "b", "c"):
            await make(name)
        assert (await cutover(bench)).status == 200
        await same_by_id(bench, names, runs)
        for name in ("d", "e", "f"):
            await make(name)
        await bench.settled()
        await same_by_id(bench, names, runs)
        await bench.restart()
        await same_by_id(bench, names, runs)
        assert (await rollback(bench)).status == 200
        await same_by_id(bench, names, runs)
        await make("g")
        await bench.settled()
        assert (await cutover(bench)).status == 200
        await same_by_id(bench, names, runs)
        assert (await bench.admin("POST", "/api/v1/phase", to="green_only")).status == 200
        await same_by_id(bench, names, runs)
        await make("h")
        await same_by_id(bench, names, runs)
        await bench.restart()
        await same_by_id(bench, names, runs)
        assert set(await bench.states()) == {"mirrored"}
        for server in (bench.blue, bench.green):
            assert all(len(server.store.named(name)) == 1 for name in "abcdefg")


async def test_the_hidden_tag_stays_hidden(bench):
    """Also where all ids agree by chance, so that answers need no other change."""
    experiment = await bench.create_experiment("e")
    await bench.post("registered-models/create", name="m")
    await bench.post("model-versions/create", name="m", source="s3://bucket/x")
    await bench.settled()
    assert bench.green.store.named("e") == [experiment]
    assert HIDDEN.decode() in str(bench.green.store.experiments[experiment]["tags"])
    assert HIDDEN.decode() in str(bench.green.store.versions["m"])
    await cutover(bench)
    for _ in range(2):
        for operation, query in (
            ("experiments/get", f"experiment_id={experiment}"),
            ("experiments/get-by-name", "experiment_name=e"),
            ("model-versions/get", "name=m&version=1"),
            ("model-versions/search", "filter=name='m'"),
        ):
            answer = await bench.get(operation, query)
            assert answer.status == 200
            assert HIDDEN not in answer.body, operation
        assert HIDDEN not in (await bench.post("experiments/search", max_results=9)).body
        await bench.restart()


async def test_another_number_is_never_shown(bench):
    """A number that means something else on the side that serves is "not found", never another experiment."""
    bench.green.store.add_experiment("only on green", "9")
    first = await bench.create_experiment("e")
    await bench.settled()
    await cutover(bench)
    local = bench.green.store.named("e")[0]
    assert (await bench.get("experiments/get", f"experiment_id={first}")).json["experiment"]["name"] == "e"
    if local != first:
        other = await bench.get("experiments/get", f"experiment_id={local}")
        assert other.status == 404


async def test_green_without_a_list_of_experiments(bench):
    """A side that does not list its experiments can still be left; ids known so far stay reserved."""
    experiment = await bench.create_experiment("e")
    bench.blue.break_("experiments/search", Fault.ANSWER, status=400, body=error_body("BAD_REQUEST"))
    assert (await cutover(bench)).json["outcome"] == "done"
    assert await bench.create_experiment("f") != experiment
