"""Each gate stops a move by itself, each can be waived by name, and a waiver that names none is refused."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from proxy.core.messages import Side
from proxy.core.writes import State
from proxy.errors import PreconditionFailedError
from proxy.services.gate import Gate
from proxy.services.gates import Gates
from proxy.services.mirror import Mirror
from proxy.services.ports import Backend
from tests.fakes.intents import intent
from tests.fakes.memory_stores import MemoryJournalStore
from tests.fakes.running_proxy import Bench, eventually
from tests.fakes.tracking_server import Fault, error_body


async def parked(bench: Bench) -> None:
    bench.green.break_("set-tag", Fault.ANSWER, times=1, status=400, body=error_body("INVALID_PARAMETER_VALUE"))
    run = await bench.create_run()
    await bench.post("runs/set-tag", run_id=run, key="t", value="v")
    await bench.settled()


async def in_doubt(bench: Bench) -> None:
    run = await bench.create_run()
    await bench.settled()
    bench.blue.break_("runs/get", Fault.ANSWER, status=503)
    bench.blue.break_("set-tag", Fault.RESET_AFTER, times=1)
    await bench.post("runs/set-tag", run_id=run, key="t", value="v")
    assert [record.state for record in await bench.records()][1:] == [State.IN_DOUBT]


async def undelivered(bench: Bench) -> None:
    bench.green.break_("runs/create", Fault.ANSWER, status=503)
    await bench.create_run()


async def unhealthy(bench: Bench) -> None:
    bench.green.break_("/health", Fault.ANSWER, status=500)


STOPPED_BY = {
    "parked": (parked, ("parked",)),
    "in_doubt": (in_doubt, ("in_doubt", "delivered")),
    "delivered": (undelivered, ("delivered",)),
    "healthy": (unhealthy, ("healthy",)),
}


@pytest.mark.parametrize("name", STOPPED_BY)
async def test_a_gate_stops(bench, name):
    """What does not hold stops the cutover; the phase stays, the writes are released, the dry run says why."""
    prepare, _ = STOPPED_BY[name]
    await prepare(bench)
    planned = await bench.admin("POST", "/api/v1/cutover", dry_run=True)
    assert name in planned.json["message"]
    stopped = await bench.admin("POST", "/api/v1/cutover", max_hold_s=0.5)
    assert stopped.status == 409
    assert await bench.phase() == "mirroring"
    assert (await bench.post("experiments/create", name="after")).status == 200


@pytest.mark.parametrize("name", STOPPED_BY)
async def test_a_gate_is_waived(bench, name):
    """An operator may go on without it; the audit log says so."""
    prepare, waivers = STOPPED_BY[name]
    await prepare(bench)
    done = await bench.admin("POST", "/api/v1/cutover", waive=list(waivers), max_hold_s=1.0)
    assert (done.json["outcome"], await bench.phase()) == ("done", "mirroring_back")
    waived = {gate["name"] for gate in done.json["gates"] if gate["waived"]}
    assert waived == set(waivers)
    entries = (await bench.admin("GET", "/api/v1/audit")).json["entries"]
    assert all(waiver in entries[0]["detail"] for waiver in waivers)


async def test_an_unknown_waiver(bench):
    """A typing error must not look like a waiver: refused before anything is held, with the names that exist."""
    refused = await bench.admin("POST", "/api/v1/cutover", waive=["parkd"])
    assert refused.status == 409
    assert "parkd" in refused.json["message"]
    assert "parked" in refused.json["hint"]
    assert (await bench.admin("POST", "/api/v1/cutover", dry_run=True, waive=["parkd"])).status == 409


async def test_a_write_that_does_not_end(bench):
    """The waiver of writes under way bounds the wait for them, for a serving side that died with them."""
    run = await bench.create_run()
    await bench.settled()
    bench.blue.break_("set-tag", Fault.HANG)
    gate = bench.running.desk._gate
    stuck = asyncio.ensure_future(bench.post("runs/set-tag", run_id=run, key="t", value="v"))
    await eventually(lambda: gate.in_flight == 1, "the write is under way")
    waivers = ["in_flight", "delivered", "in_doubt"]
    done = await bench.admin("POST", "/api/v1/cutover", waive=waivers, max_hold_s=2.0)
    assert done.json["outcome"] == "done"
    bench.blue.heal()
    assert (await stuck).status == 502


def gates_of(journal: MemoryJournalStore, version: str | None) -> Gates:
    """Gates over a mirror that is idle and a green that answers."""
    mirror, backends = cast("Mirror", Idle()), cast("dict[Side, Backend]", {Side.GREEN: Probe(version)})
    return Gates(journal, mirror, Gate(lambda: 0.0, max_waiting=1), backends)


class Probe:
    """A backend as gates see it."""

    def __init__(self, version: str | None) -> None:
        self.version = version

    async def healthy(self) -> bool:
        return True


class Idle:
    """A mirror as gates see it."""

    def idle(self) -> bool:
        return True


async def test_the_version_must_be_known():
    """Nothing can be translated for a side whose version nobody knows."""
    gates = gates_of(MemoryJournalStore(), None)
    found = {gate.name: gate for gate in await gates.look(Side.GREEN, ())}
    assert found["version_known"].stops
    assert {name for name, gate in found.items() if gate.stops} == {"version_known"}
    assert not {gate.name: gate for gate in await gates.look(Side.GREEN, ("version_known",))}["version_known"].stops
    assert set(gates.names) == set(found)
    gates.require_known(gates.names)
    with pytest.raises(PreconditionFailedError, match="nonsense"):
        gates.require_known(["nonsense"])


async def test_a_received_record_counts_as_waiting():
    """A write whose outcome is not recorded yet is not delivered either."""
    journal = MemoryJournalStore()
    await journal.append(intent(), 1.0)
    gates = gates_of(journal, "3.1.0")
    found = {gate.name: gate for gate in await gates.look(Side.GREEN, ())}
    assert found["delivered"].stops
