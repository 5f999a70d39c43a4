"""The only module that builds concrete objects and joins them."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib.metadata import version as installed_version

import structlog
from aiohttp import web

from proxy.backends.http_backend import HttpBackend
from proxy.config.models import Settings
from proxy.core.messages import Side
from proxy.errors import StorageError
from proxy.observe import logs
from proxy.observe.metrics import Metrics
from proxy.services.artifacts import ArtifactCopier
from proxy.services.census import Census
from proxy.services.census_keeper import CensusKeeper
from proxy.services.conversation import Conversation
from proxy.services.coordinator import Coordinator, CurrentPhase
from proxy.services.delivery import Delivery
from proxy.services.exchange import Exchange
from proxy.services.forwarder import Forwarder
from proxy.services.gate import Gate
from proxy.services.gates import Gates
from proxy.services.home import Home
from proxy.services.homebound import Homebound
from proxy.services.identity import Identity
from proxy.services.landmark import Landmark
from proxy.services.mirror import Mirror
from proxy.services.operator import OperatorDesk
from proxy.services.ports import Backend
from proxy.services.recorder import Recorder
from proxy.services.side_client import SideClient
from proxy.services.supervisor import Supervisor
from proxy.services.sync import Syncer
from proxy.storage.database import Database
from proxy.storage.id_store import SqliteIdStore
from proxy.storage.journal_store import SqliteJournalStore
from proxy.storage.phase_store import SqlitePhaseStore
from proxy.web.client_api import ClientApi
from proxy.web.operator_api import operator_app

_log = structlog.get_logger(__name__)

_STOP_PATIENCE_S = 10.0
_PRUNE_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Running:
    """A proxy that serves; ports as bound (settings may say 0)."""

    port: int
    admin_port: int
    desk: OperatorDesk
    mirror: Mirror
    identity: Identity


async def start(settings: Settings, stack: AsyncExitStack, clock: Callable[[], float] = time.time) -> Running:
    """Build everything, recover, and listen; ``stack`` stops it all in the right order.

    Raises:
        StateLockedError: another instance holds the state.
        StorageError: the state cannot be opened.
        OSError: a listener cannot be bound.
    """
    version = installed_version("mlflow-tightrope")
    metrics, supervisor, census = Metrics(version), Supervisor(), Census()

    database = Database(settings.state.path, settings.journal.durability)
    await database.open()
    stack.push_async_callback(database.close)
    journal, ids, phases = SqliteJournalStore(database), SqliteIdStore(database), SqlitePhaseStore(database)
    recovery = await journal.recover()
    keeper = CensusKeeper(census, phases, clock)
    await keeper.load()
    stack.push_async_callback(keeper.save)

    sides = {Side.BLUE: settings.blue, Side.GREEN: settings.green}
    http = {
        side: HttpBackend(
            side,
            found,
            call_timeout_s=settings.mirror.request_timeout_s,
            copy_timeout_s=settings.mirror.artifact_timeout_s,
        )
        for side, found in sides.items()
        if found is not None
    }
    for backend in http.values():
        await backend.start()
        stack.push_async_callback(backend.stop)
    backends: dict[Side, Backend] = dict(http)

    identity = Identity(ids, phases)
    await identity.start()
    clients = {side: SideClient(backend, identity, clock) for side, backend in backends.items()}
    copier = ArtifactCopier(clients)
    syncer = Syncer(clients, identity, copier)
    current = CurrentPhase(settings.phase)
    delivery = Delivery(clients, syncer, copier)
    mirror = Mirror(journal, delivery, identity, current, supervisor, metrics, settings.mirror, clock)
    gate = Gate(clock, max_waiting=settings.cutover.hold_queue_max)
    gates = Gates(journal, mirror, gate, backends)
    coordinator = Coordinator(
        current, phases, journal, gate, gates, mirror, backends, clients, identity.reserve, metrics, clock
    )
    await coordinator.start(settings.phase)
    landmark = Landmark(clients, identity, supervisor)
    await asyncio.gather(*(backend.healthy() for backend in backends.values()))
    await asyncio.gather(*(landmark.find(side) for side in backends if backends[side].version is not None))
    await mirror.start()
    stack.push_async_callback(supervisor.stop, _STOP_PATIENCE_S)

    recorder = Recorder(journal, mirror, supervisor, clock)
    exchange = Exchange(backends, identity, metrics)
    conversation = Conversation(exchange, clock, max_json_body_bytes=settings.limits.max_json_body_bytes)
    home = Home(backends, current, syncer, mirror.caught_up)
    homebound = Homebound(conversation, home, recorder, metrics)
    forwarder = Forwarder(conversation, recorder, gate, current, homebound, supervisor, metrics)
    urls = {side: found.url for side, found in sides.items() if found is not None}
    desk = OperatorDesk(
        version,
        urls,
        backends,
        current,
        coordinator,
        gate,
        mirror,
        journal,
        recorder,
        phases,
        census,
        metrics,
        supervisor,
        clock,
        max_hold_s=settings.cutover.max_hold_s,
    )
    mirroring = supervisor.spawn(mirror.run(), "mirror")
    stack.callback(mirroring.cancel)
    looking = supervisor.spawn(landmark.run(), "landmark")
    stack.callback(looking.cancel)
    watching = supervisor.spawn(_watch_versions(list(http.values())), "versions")
    stack.callback(watching.cancel)

    counting = supervisor.spawn(keeper.run(), "census")
    stack.callback(counting.cancel)
    keeping = supervisor.spawn(_prune(journal, settings.journal.keep_delivered_s, clock), "retention")
    stack.callback(keeping.cancel)

    token = settings.admin.token.get_secret_value() if settings.admin.token is not None else None
    admin_port = await _listen(
        web.AppRunner(operator_app(desk, metrics, token), access_log=None), settings.admin, stack
    )
    api = ClientApi(forwarder, census, metrics, clock)
    limits = settings.limits
    server = web.Server(
        api.handle,
        access_log=None,
        handler_cancellation=True,
        keepalive_timeout=limits.keepalive_s,
        max_line_size=limits.client_line_bytes,
        max_field_size=limits.client_header_bytes,
        auto_decompress=False,
    )
    port = await _listen(web.ServerRunner(server), settings.listen, stack)
    _log.info(
        "ready",
        version=version,
        listen=f"{settings.listen.host}:{port}",
        admin=f"{settings.admin.host}:{admin_port}",
        phase=current.phase.value,
        serving=current.phase.serving.value,
        journal=dict(recovery.counts),
        made_in_doubt=recovery.made_in_doubt,
        **{side.value: f"{urls[side]} ({backends[side].version or 'not reached'})" for side in backends},
    )
    return Running(port, admin_port, desk, mirror, identity)


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; requests under way are ended properly."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        await start(settings, stack)
        await stopping.wait()
        _log.info("stopping")


def run(settings: Settings) -> None:
    """Run the proxy in this process, on uvloop where it exists."""
    logs.configure(settings.log)
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        asyncio.run(serve(settings))
    else:
        uvloop.run(serve(settings))


async def _listen(runner: web.BaseRunner, where: object, stack: AsyncExitStack) -> int:
    """Bind one listener; returns its port."""
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, getattr(where, "host"), getattr(where, "port"), backlog=1024)  # noqa: B009
    await site.start()
    port: int = runner.addresses[0][1]
    return port


async def _watch_versions(backends: list[HttpBackend]) -> None:
    """Notice a server that was down at the start or was replaced behind its URL."""
    while True:
        await asyncio.sleep(30)
        await asyncio.gather(*(backend.healthy() for backend in backends))


async def _prune(journal: SqliteJournalStore, keep_s: float, clock: Callable[[], float]) -> None:
    """Remove records that reached their end long ago, a few at a time, so that no writer waits for it."""
    while True:
        try:
            removed = await journal.prune(clock() - keep_s, _PRUNE_AT_ONCE)
        except StorageError as error:
            _log.warning("old records not removed", error=error.message)
            removed = 0
        await asyncio.sleep(1 if removed == _PRUNE_AT_ONCE else 60)
