"""What operators can ask of a running proxy."""

from __future__ import annotations

import asyncio

import pytest

from proxy.core.messages import Side
from proxy.errors import StorageError
from tests.fakes.running_proxy import eventually
from tests.fakes.tracking_server import Fault, error_body


async def test_status(bench):
    """One view: phase, sides with versions, journal in figures, clients seen."""
    await bench.create_run()
    await bench.settled()
    view = (await bench.admin("GET", "/api/v1/status")).json
    assert (view["phase"], view["serving"], view["following"]) == ("mirroring", "blue", "green")
    assert view["sides"]["green"] == {"url": bench.green.url, "version": "3.17.2", "healthy": True}
    assert view["journal"]["mirrored"] == 1
    assert view["lag_s"] == 0
    assert view["problems"] == []
    assert [(client["client"], client["version"]) for client in view["clients"]] == [("python", "3.17")] or view[
        "clients"
    ][0]["requests"] == 1


async def test_status_tells_of_trouble(bench):
    """Parked records and a side that does not answer are said in words."""
    bench.green.break_("runs/create", Fault.ANSWER, times=1, status=400, body=error_body("X"))
    await bench.create_run()
    await bench.settled()
    await bench.green.refuse()
    view = (await bench.admin("GET", "/api/v1/status")).json
    assert (view["parked"], view["open_divergences"]) == (1, {"parked_write": 1})
    assert any("green" in problem for problem in view["problems"])
    assert any("parked" in problem for problem in view["problems"])
    assert not view["sides"]["green"]["healthy"]


async def test_a_hold_and_its_release(bench):
    """Writes wait and reads do not; a release lets them go, in order."""
    run = await bench.create_run()
    assert (await bench.admin("POST", "/api/v1/hold", max_s=20)).json["held"]
    writes = [asyncio.ensure_future(bench.log(run, value)) for value in (1, 2)]
    gate = bench.running.desk._gate
    await eventually(lambda: gate.waiting == 2, "both writes wait")
    assert (await bench.get("runs/get", f"run_id={run}")).status == 200
    assert bench.blue.seen("log-metric") == []
    assert (await bench.admin("GET", "/api/v1/status")).json["hold"]["waiting"] == 2
    assert (await bench.admin("POST", "/api/v1/hold")).status == 409
    assert (await bench.admin("POST", "/api/v1/cutover")).status == 409
    assert not (await bench.admin("POST", "/api/v1/release")).json["held"]
    assert [(await write).status for write in writes] == [200, 200]
    assert (await bench.admin("POST", "/api/v1/release")).status == 200  # harmless when none waits


async def test_a_server_upgraded_during_a_hold(bench):
    """Its version is detected anew before the first write goes on."""
    await bench.admin("POST", "/api/v1/hold", max_s=20)
    bench.blue.version = "3.3.2"
    await bench.admin("POST", "/api/v1/release")
    assert str(bench.running.desk._backends[Side.BLUE].version) == "3.3.2"


async def test_a_hold_ends_by_itself(bench):
    """Nobody has to come back: after its time the writes go on, or are told to come again."""
    run = await bench.create_run()
    await bench.admin("POST", "/api/v1/hold", max_s=0.1)
    answer = await bench.log(run, 1)
    assert answer.status in {200, 503}
    gate = bench.running.desk._gate
    await eventually(lambda: not gate.held, "the hold ends")
    assert (await bench.log(run, 2)).status == 200
    if answer.status == 503:
        assert "Retry-After" in answer.headers


async def test_the_journal_is_shown(bench):
    """Listed by state, page by page; one record in full, without credentials; 404 for none."""
    for _ in range(3):
        await bench.create_run()
    await bench.settled()
    page = (await bench.admin("GET", "/api/v1/journal?state=mirrored&limit=2")).json
    assert [record["seq"] for record in page["records"]] == [1, 2]
    rest = (await bench.admin("GET", f"/api/v1/journal?state=mirrored&after={page['next_after']}")).json
    assert [record["seq"] for record in rest["records"]] == [3]
    full = (await bench.admin("GET", "/api/v1/journal/1")).json
    assert (full["operation"], full["served_by"], full["status"]) == ("CreateRun", "blue", 200)
    assert (await bench.admin("GET", "/api/v1/journal/99")).status == 404


async def test_ready(bench, monkeypatch):
    """Ready while the serving side answers, whatever the following side does; what is wrong stands in the detail."""
    await bench.green.refuse()
    assert (await bench.admin("GET", "/readyz")).status == 200
    database = bench.running.desk._journal._db

    async def refuse(_: object) -> None:
        raise StorageError("disk full")

    monkeypatch.setattr(database, "write", refuse)
    assert (await bench.post("experiments/create", name="e")).status == 503
    assert "disk full" in (await bench.admin("GET", "/readyz")).body.decode()
    monkeypatch.undo()
    await bench.blue.refuse()
    down = await bench.admin("GET", "/readyz")
    assert (down.status, down.json["blue_answers"]) == (503, False)
    assert (await bench.admin("GET", "/healthz")).status == 200


async def test_a_move_outlives_its_asker(bench):
    """A cutover whose operator hung up is carried to its end."""
    run = await bench.create_run()
    await bench.settled()
    slow = bench.blue.break_("log-metric", Fault.SLOW, times=1)
    writing = asyncio.ensure_future(bench.log(run, 1))
    gate = bench.running.desk._gate
    await eventually(lambda: gate.in_flight == 1, "the write is under way")
    asking = asyncio.ensure_future(bench.admin("POST", "/api/v1/cutover"))
    await eventually(lambda: gate.held, "the move holds the writes")
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    slow.event.set()
    assert (await writing).status == 200

    async def moved() -> bool:
        return bool(await bench.phase() == "mirroring_back")

    await eventually(moved, "the move ends")
