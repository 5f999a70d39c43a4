"""What speaks to both servers on our own behalf, joined as ``wiring`` does it, over stores in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.backends.http_backend import HttpBackend
from proxy.config.sides import SideSettings
from proxy.core.messages import Side
from proxy.services.artifacts import ArtifactCopier
from proxy.services.identity import Identity
from proxy.services.ports import Backend
from proxy.services.side_client import SideClient
from proxy.services.sync import Syncer
from tests.fakes.memory_stores import MemoryIdStore, MemoryPhaseStore
from tests.fakes.tracking_server import TrackingServer


class TwoSides:
    """Two fakes, a backend and a client for each, and what syncs them."""

    def __init__(self, blue: TrackingServer, green: TrackingServer) -> None:
        self.blue, self.green = blue, green
        self.backends = {
            Side.BLUE: HttpBackend(Side.BLUE, SideSettings(url=blue.url)),
            Side.GREEN: HttpBackend(Side.GREEN, SideSettings(url=green.url)),
        }
        self.ids = MemoryIdStore()
        self.identity = Identity(self.ids, MemoryPhaseStore())
        self.clients = {side: SideClient(_as_port(backend), self.identity) for side, backend in self.backends.items()}
        self.copier = ArtifactCopier(self.clients)
        self.syncer = Syncer(self.clients, self.identity, self.copier)


def _as_port(backend: HttpBackend) -> Backend:
    """Fits structurally; said once for the type checker."""
    return backend


@asynccontextmanager
async def two_sides() -> AsyncIterator[TwoSides]:
    """Everything started."""
    async with TrackingServer() as blue, TrackingServer() as green:
        sides = TwoSides(blue, green)
        await sides.identity.start()
        for backend in sides.backends.values():
            await backend.start()
        try:
            yield sides
        finally:
            for server in (blue, green):
                server.heal()
            for backend in sides.backends.values():
                await backend.stop()
