"""TCP manners towards tracking servers."""

from __future__ import annotations

import asyncio
import socket

import pytest

from proxy.backends import connector, http_backend
from proxy.backends.http_backend import HttpBackend
from proxy.config.sides import SideSettings
from proxy.core.messages import Request, Side
from tests.fakes.tracking_server import TrackingServer


class StandIn(asyncio.Transport):
    """A transport with just a socket."""

    def __init__(self, sock: socket.socket | None) -> None:
        super().__init__()
        self._sock = sock

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._sock if name == "socket" else default


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="the option exists on Linux only")
async def test_acknowledged_at_once(monkeypatch):
    """The option is one-shot, so it is set when a connection is taken, from the pool too, and again after the head."""
    taken = []
    real = connector.acknowledge_at_once

    def note(transport):
        if transport is not None:  # an answer that came in one piece has given its connection back already
            taken.append(transport.get_extra_info("socket").fileno())
        real(transport)

    monkeypatch.setattr(connector, "acknowledge_at_once", note)
    monkeypatch.setattr(http_backend, "acknowledge_at_once", note)
    async with TrackingServer() as server:
        backend = HttpBackend(Side.BLUE, SideSettings(url=server.url))
        await backend.start()
        for _ in range(3):
            await backend.call(Request("GET", "/health"))
        await backend.stop()
    assert 3 <= len(taken) <= 6
    assert len(set(taken)) == 1


def test_only_where_it_exists(monkeypatch):
    """A connection that is gone, a socket that refuses and a system without the option are no errors."""
    connector.acknowledge_at_once(None)
    connector.acknowledge_at_once(StandIn(None))
    with socket.socket() as sock:
        connector.acknowledge_at_once(StandIn(sock))
    connector.acknowledge_at_once(StandIn(sock))
    monkeypatch.setattr(connector, "_QUICKACK", None)
    connector.acknowledge_at_once(StandIn(sock))


def test_idle_connections_leave_before_the_server_closes_them():
    """Uvicorn closes after 5 s; a write into a closing connection would have an unknown outcome."""
    assert connector.KEEPALIVE_S < 5
