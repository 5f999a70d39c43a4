"""Everything joined: it starts, recovers, listens, and gives everything back."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest

from proxy import wiring
from proxy.core.writes import State
from proxy.errors import StateLockedError
from proxy.services.recorder import Recorder
from tests.fakes.running_proxy import Bench, settings
from tests.fakes.tracking_server import Fault


async def test_both_listeners(tmp_path):
    """Clients on one port, operators on the other; ports are told as bound."""
    async with Bench(tmp_path) as bench:
        assert (await bench.send("GET", "/health")).body == b"OK"
        assert (await bench.admin("GET", "/healthz")).status == 200
        assert (await bench.send("GET", "/healthz")).status == 404  # the admin API is not on the clients' port
        assert bench.running.port != bench.running.admin_port


async def test_it_starts_without_servers(tmp_path):
    """A server that is down at the start is detected when it comes."""
    async with Bench(tmp_path) as bench:
        await bench.stop()
        await bench.blue.refuse()
        await bench.green.refuse()
        await bench.start()
        assert (await bench.post("experiments/create", name="e")).status == 503
        assert (await bench.admin("GET", "/readyz")).status == 503
        await bench.blue.listen()
        await bench.green.listen()
        assert (await bench.post("experiments/create", name="e")).status == 200
        await bench.settled()
        assert bench.green.store.named("e")


async def test_a_second_instance(tmp_path):
    """The state belongs to one instance; a second one ends at once and takes nothing with it."""
    async with Bench(tmp_path) as bench:
        async with AsyncExitStack() as stack:
            with pytest.raises(StateLockedError):
                await wiring.start(settings(tmp_path, bench.blue.url, bench.green.url), stack)
        assert (await bench.post("experiments/create", name="e")).status == 200


async def test_a_port_in_use(tmp_path):
    """An error at the start, and the state is free again."""
    async with Bench(tmp_path) as bench:
        await bench.stop()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(OSError, match="address"):
                await bench.start(listen={"port": taken.getsockname()[1]})
        await bench.start()
        assert (await bench.post("experiments/create", name="e")).status == 200


@pytest.mark.parametrize("applied", [False, True])
async def test_recovery(tmp_path, monkeypatch, applied):
    """A write that was under way when the process died is in doubt after the restart, and settled by reading."""
    async with Bench(tmp_path) as bench:
        run = await bench.create_run()
        await bench.settled()

        async def dies(*_: object) -> None:
            raise asyncio.CancelledError

        with monkeypatch.context() as patch:
            patch.setattr(wiring, "_STOP_PATIENCE_S", 0.01)
            patch.setattr(Recorder, "_close", dies)  # nothing is recorded any more, as after kill -9
            await bench.restart()
            bench.blue.break_("log-metric", Fault.SLOW if applied else Fault.HANG, times=1).event.set()
            sending = asyncio.ensure_future(bench.log(run, 1))
            await bench.blue.saw("log-metric")
            assert [record.state for record in await bench.records()][1:] == [State.RECEIVED]
            await bench.stop()
            await asyncio.gather(sending, return_exceptions=True)
        bench.blue.heal()
        await bench.start()
        await bench.settled()
        assert bench.blue.store.points(run) == ([1] if applied else [])
        (twin,) = bench.green.store.twins_of(run)
        assert bench.green.store.points(twin) == bench.blue.store.points(run)


async def test_old_records_are_removed(tmp_path):
    """Delivered records are kept for as long as configured, and not longer."""
    async with Bench(tmp_path, journal={"keep_delivered_s": 0}) as bench:
        await bench.create_run()
        await bench.settled()
        await bench.restart()
        await bench.reaches()
