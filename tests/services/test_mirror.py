"""The following side breaks in every way: clients do not notice, and each write takes effect on it once, in order."""

from __future__ import annotations

import pytest

from proxy import wiring
from proxy.core.writes import State
from proxy.errors import StorageError
from proxy.services import backlog
from tests.fakes.running_proxy import Bench, eventually
from tests.fakes.tracking_server import Fault, error_body

RETRIES = 'tightrope_mirror_retries_total{{reason="{}"}}'
DIVERGED = 'tightrope_divergences_total{{detector="write",kind="rejected",operation="{}"}}'


async def write_something(bench: Bench, *values: int) -> str:
    """A run in an experiment of its own, with metrics; every answer is a success."""
    run = await bench.create_run(await bench.create_experiment("e"))
    for value in values:
        assert (await bench.log(run, value)).status == 200
    return run


async def retried(bench: Bench, reason: str) -> None:
    async def counted() -> bool:
        return await bench.metric(RETRIES.format(reason)) > 0

    await eventually(counted, f"a retry with reason {reason}")


def held_once(bench: Bench, run: str, *values: int) -> None:
    """Green has exactly what blue has."""
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.points(twin) == list(values)
    assert len(bench.green.store.runs) == len(bench.blue.store.runs)
    assert len(bench.green.store.experiments) == len(bench.blue.store.experiments)


@pytest.mark.parametrize(
    ("fault", "rule", "reason"),
    [
        (Fault.RESET_BEFORE, {"times": 3}, "interrupted"),
        (Fault.RESET_AFTER, {"times": 3}, "interrupted"),
        (Fault.CUT, {"times": 3}, "interrupted"),
        (Fault.ANSWER, {"times": 3, "status": 500}, "server_error"),
        (Fault.ANSWER, {"times": 3, "status": 500, "body": error_body("INTERNAL_ERROR")}, "server_error"),
        (Fault.ANSWER_AFTER, {"times": 3, "status": 500}, "server_error"),
        (Fault.ANSWER, {"times": 12, "status": 503}, "interrupted"),
        (Fault.ANSWER, {"times": 12, "status": 429}, "interrupted"),
        (Fault.HANG, {}, "interrupted"),
        (Fault.HANG_AFTER, {}, "interrupted"),
    ],
)
async def test_green_fails(bench, fault, rule, reason):
    """Whatever green does, clients get their answers at once, and green gets every write once when it is back."""
    bench.green.break_("/mlflow/", fault, **rule)
    run = await write_something(bench, 1, 2, 3)
    await bench.green.saw("/mlflow/")
    bench.green.heal() if not rule else None
    await retried(bench, reason)
    await bench.settled()
    assert set(await bench.states()) == {"mirrored"}
    held_once(bench, run, 1, 2, 3)


async def test_green_is_down(bench):
    """Nothing listens: writes wait in the journal, the lag shows it, and all of them arrive in order."""
    await bench.green.refuse()
    run = await write_something(bench, 1, 2, 3)
    await retried(bench, "not_reached")
    assert set(await bench.states()) == {"answered"}
    assert await bench.metric("tightrope_mirror_lag_seconds") > 0
    await bench.green.listen()
    await bench.settled()
    held_once(bench, run, 1, 2, 3)
    assert await bench.metric("tightrope_mirror_lag_seconds") == 0


async def test_green_never_answers(tmp_path):
    """A delivery without an answer is given up after its time-out and tried again."""
    async with Bench(tmp_path, mirror={"request_timeout_s": 0.3}) as bench:
        bench.green.break_("runs/create", Fault.HANG_AFTER, times=1)
        run = await bench.create_run()
        await retried(bench, "timeout")
        await bench.settled()
        held_once(bench, run)


async def test_one_lane_waits_alone(bench):
    """A write that green cannot take now holds up its own object and no other."""
    stuck, free = await bench.create_run(), await bench.create_run()
    await bench.settled()
    rule = bench.green.break_("log-metric", Fault.SLOW, holding=b'"stuck"')
    await bench.log(stuck, 1, "stuck")
    await bench.log(stuck, 2, "stuck")
    for value in range(5):
        await bench.log(free, value)
    await bench.reaches("mirrored", "mirrored", "answered", "answered", *["mirrored"] * 5)
    bench.green.rules.remove(rule)
    rule.event.set()
    await bench.settled()
    (twin,) = bench.green.store.twins_of(stuck)
    assert bench.green.store.points(twin, "stuck") == [1, 2]


async def test_a_rejected_write_is_parked(bench):
    """Green says 4xx: the record is parked with both answers, counted as a divergence, and the lane goes on."""
    run = await write_something(bench)
    bench.green.break_(
        "log-metric", Fault.ANSWER, status=400, body=error_body("INVALID_PARAMETER_VALUE", "not this one"), times=1
    )
    for value in (1, 2):
        await bench.log(run, value)
    await bench.settled()
    (parked,) = await bench.records(State.PARKED)
    assert parked.reason == "rejected"
    assert "serving side: 200" in parked.detail
    assert "following side: 400" in parked.detail
    assert "not this one" in parked.detail
    assert await bench.metric(DIVERGED.format("LogMetric")) == 1
    assert await bench.metric('tightrope_journal_records{state="parked"}') == 1
    held_once(bench, run, 2)
    assert (await bench.admin("POST", "/api/v1/journal/retry", seqs=[parked.seq])).json == {"reopened": 1}
    await bench.settled()
    assert set(await bench.states()) == {"mirrored"}
    held_once(bench, run, 2, 1)


async def test_what_depends_on_a_parked_create(bench):
    """Writes to a run that green refused to make wait with it, others go on; a retry delivers all of them in order."""
    bench.green.break_("experiments/create", Fault.ANSWER, status=400, body=error_body("INVALID_PARAMETER_VALUE"))
    run = await write_something(bench, 1, 2, 3)
    free = await bench.create_run()
    await bench.log(free, 7)
    await bench.settled()
    reasons = [record.reason for record in await bench.records(State.PARKED)]
    assert reasons == ["rejected", *["depends_on_parked"] * 4]
    assert await bench.metric(DIVERGED.format("CreateExperiment")) == 1
    (twin,) = bench.green.store.twins_of(free)
    assert bench.green.store.points(twin) == [7]
    bench.green.heal()
    assert (await bench.admin("POST", "/api/v1/journal/retry")).json == {"reopened": 5}
    await bench.settled()
    assert set(await bench.states()) == {"mirrored"}
    held_once(bench, run, 1, 2, 3)


async def test_a_skipped_create_lets_its_dependents_try(bench):
    """An operator who skips a parked create closes it for good; the audit log says who and why."""
    bench.green.break_("runs/create", Fault.ANSWER, status=400, body=error_body("INVALID_PARAMETER_VALUE"), times=1)
    await bench.create_run()
    await bench.settled()
    skipped = await bench.admin("POST", "/api/v1/journal/skip", seqs=[1], reason="not needed")
    assert skipped.json == {"skipped": 1}
    assert await bench.states() == ["skipped"]
    entries = (await bench.admin("GET", "/api/v1/audit")).json["entries"]
    assert "not needed" in entries[0]["detail"]
    assert await bench.metric('tightrope_mirror_skipped_total{reason="operator"}') == 1


async def test_a_server_error_for_ever(bench):
    """A 5xx that does not go away is parked after a few tries, so that a cutover is stopped and somebody looks."""
    run = await write_something(bench)
    bench.green.break_("log-metric", Fault.ANSWER, status=500)
    await bench.log(run, 1)
    await bench.reaches("mirrored", "mirrored", "parked")
    (parked,) = await bench.records(State.PARKED)
    assert (parked.reason, parked.attempts) == ("server_error", 8)


async def test_a_backlog_larger_than_the_window(bench, monkeypatch):
    """With more records pending than are held in memory, all are delivered, in order per run."""
    monkeypatch.setattr(backlog, "WINDOW", 6)
    monkeypatch.setattr(backlog, "PAGE", 2)
    await bench.green.refuse()
    runs = [await bench.create_run() for _ in range(3)]
    for value in range(12):
        for run in runs:
            assert (await bench.log(run, value)).status == 200
    await bench.green.listen()
    await bench.settled()
    assert set(await bench.states()) == {"mirrored"}
    for run in runs:
        held_once(bench, run, *range(12))


async def test_a_backlog_larger_than_the_window_after_a_restart(bench, monkeypatch):
    """The same when the backlog was left by an earlier process, with new writes behind it."""
    await bench.green.refuse()
    run = await write_something(bench, *range(15))
    monkeypatch.setattr(backlog, "WINDOW", 4)
    monkeypatch.setattr(backlog, "PAGE", 3)
    await bench.restart()
    for value in range(15, 20):
        await bench.log(run, value)
    await bench.green.listen()
    await bench.settled()
    assert set(await bench.states()) == {"mirrored"}
    held_once(bench, run, *range(20))


async def test_reopened_beyond_the_window(bench, monkeypatch):
    """Records that are tried again while the window is full are delivered, too."""
    monkeypatch.setattr(backlog, "WINDOW", 4)
    monkeypatch.setattr(backlog, "PAGE", 2)
    refused = bench.green.break_("log-metric", Fault.ANSWER, status=400, body=error_body("INVALID_PARAMETER_VALUE"))
    run = await write_something(bench, 1, 2)
    await bench.settled()
    await bench.green.refuse()
    for value in range(10, 20):
        await bench.log(run, value)
    bench.green.rules.remove(refused)
    await bench.admin("POST", "/api/v1/journal/retry")
    await bench.green.listen()
    await bench.settled()
    assert set(await bench.states()) == {"mirrored"}
    (twin,) = bench.green.store.twins_of(run)
    assert sorted(bench.green.store.points(twin)) == [1, 2, *range(10, 20)]


@pytest.mark.parametrize("operation", ["runs/create", "experiments/create", "log-metric"])
async def test_stopped_in_the_middle_of_a_delivery(tmp_path, monkeypatch, operation):
    """Green took a write and the proxy died before it knew: after the restart nothing is made twice."""
    monkeypatch.setattr(wiring, "_STOP_PATIENCE_S", 0.01)
    async with Bench(tmp_path) as bench:
        bench.green.break_(operation, Fault.HANG_AFTER, times=1)
        run = await write_something(bench, 1)
        await bench.green.saw(operation)
        await bench.restart()
        await bench.settled()
        assert set(await bench.states()) == {"mirrored"}
        held_once(bench, run, 1)


async def test_a_phase_that_holds_delivery_back(tmp_path):
    """While green is being made from a copy, writes are recorded and none is sent; later all of them are."""
    async with Bench(tmp_path, phase="recording") as bench:
        run = await write_something(bench, 1)
        assert await bench.states() == ["answered"] * 3
        assert bench.green.seen("/api/2.0/mlflow/") == []
        assert (await bench.admin("POST", "/api/v1/phase", to="mirroring")).status == 200
        await bench.settled()
        held_once(bench, run, 1)


async def test_a_journal_that_fails_for_a_while(bench, monkeypatch):
    """The mirror outlives a journal that cannot be read, and goes on when it can."""
    journal = bench.running.mirror._journal
    reads = journal.read
    failures: list[int] = []

    async def broken(seq: int) -> object:
        if len(failures) < 3:
            failures.append(seq)
            raise StorageError("disk gone")
        return await reads(seq)

    monkeypatch.setattr(journal, "read", broken)
    run = await write_something(bench, 1)
    await bench.settled()
    assert len(failures) == 3
    held_once(bench, run, 1)


async def test_a_fault_of_ours_is_parked(bench, monkeypatch):
    """An exception that nobody thought of parks its record, where it is seen and can be retried."""
    delivery = bench.running.mirror._delivery
    works = delivery.deliver

    async def broken(record: object, *, repeated: bool) -> object:
        raise RuntimeError("a bug")

    monkeypatch.setattr(delivery, "deliver", broken)
    run = await bench.create_run()
    await bench.reaches("parked")
    assert (await bench.records())[0].reason == "internal_error"
    monkeypatch.setattr(delivery, "deliver", works)
    await bench.admin("POST", "/api/v1/journal/retry")
    await bench.settled()
    held_once(bench, run)
