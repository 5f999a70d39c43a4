"""A whole proxy in this process, as ``wiring.start`` builds it, between two fake tracking servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import aiohttp
from multidict import CIMultiDictProxy

from proxy import wiring
from proxy.config.models import Settings
from proxy.core.records import WriteRecord
from proxy.core.writes import State
from tests.fakes.tracking_server import API, DEADLINE_S, TrackingServer

AGENT = "mlflow-python-client/3.17.2"
"""The servers' own version, so that nothing is translated."""


@dataclass(frozen=True)
class Answer:
    """An answer, read."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as a document."""
        return json.loads(self.body)


async def eventually(holds: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Poll until something holds; the deadline is reached only when it never does."""
    loop = asyncio.get_running_loop()
    end = loop.time() + DEADLINE_S
    while True:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        if loop.time() > end:
            raise AssertionError(f"never happened: {what}")
        await asyncio.sleep(0.005)


@final
class Bench:
    """Blue, green, and a proxy that can be started anew on the same state."""

    def __init__(self, directory: Path, **changes: Any) -> None:
        self.directory = directory
        self.changes = changes
        self.blue = TrackingServer()
        self.green = TrackingServer()
        self._running: wiring.Running | None = None
        self._proxy = AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Bench:
        await self.blue.listen()
        await self.green.listen()
        try:
            await self.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.blue.heal()
        self.green.heal()
        await self.stop()
        await self.blue.refuse()
        await self.green.refuse()

    # ------------------------------------------------------------------------------------------------------ the proxy

    async def start(self, **changes: Any) -> None:
        """Start it; ``changes`` (and those of the constructor) are sections over the defaults."""
        await self.start_with(settings(self.directory, self.blue.url, self.green.url, **{**self.changes, **changes}))

    async def start_with(self, chosen: Settings) -> None:
        """Start it with these settings."""
        self._session = aiohttp.ClientSession(headers={"User-Agent": AGENT}, auto_decompress=False)
        self._proxy = AsyncExitStack()
        before = [list(server.requests) for server in (self.blue, self.green)]
        try:
            self._running = await wiring.start(chosen, self._proxy)
        except BaseException:
            await self.stop()
            raise
        for server, requests in zip((self.blue, self.green), before, strict=True):
            server.requests[:] = requests  # what a start asks (health, version, landmark) is no test's concern

    async def stop(self) -> None:
        """Stop it, as SIGTERM does."""
        if self._session is not None:
            await self._session.close()
        await self._proxy.aclose()
        self._running = self._session = None

    async def restart(self, **changes: Any) -> None:
        """Stop it and start it on the same state."""
        await self.stop()
        await self.start(**changes)

    @property
    def running(self) -> wiring.Running:
        """What runs."""
        assert self._running is not None
        return self._running

    @property
    def session(self) -> aiohttp.ClientSession:
        """The client's connections."""
        assert self._session is not None
        return self._session

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://127.0.0.1:{self.running.port}"

    # ------------------------------------------------------------------------------------------------------ as a client

    async def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request; what comes back is read to its end."""
        async with self.session.request(
            method, f"{self.url}{path}", data=body, headers=headers, allow_redirects=False
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def post(self, operation: str, headers: Mapping[str, str] | None = None, /, **arguments: Any) -> Answer:
        """``runs/create`` and the like, with JSON."""
        told = {"Content-Type": "application/json", **(headers or {})}
        return await self.send("POST", f"{API}{operation}", json.dumps(arguments).encode(), told)

    async def get(self, operation: str, query: str) -> Answer:
        """``runs/get`` and the like."""
        return await self.send("GET", f"{API}{operation}?{query}")

    async def create_experiment(self, name: str) -> str:
        """An experiment made by a client; its public id."""
        return str((await self.post("experiments/create", name=name)).json["experiment_id"])

    async def create_run(self, experiment: str = "0", **arguments: Any) -> str:
        """A run made by a client; its public id."""
        answer = await self.post("runs/create", experiment_id=experiment, **arguments)
        return str(answer.json["run"]["info"]["run_id"])

    async def log(self, run: str, value: float, key: str = "loss", **more: Any) -> Answer:
        """One metric point; its step is its value."""
        return await self.post(
            "runs/log-metric", run_id=run, key=key, value=value, timestamp=1, step=int(value), **more
        )

    # --------------------------------------------------------------------------------------------------- as an operator

    async def admin(self, method: str, path: str, **body: Any) -> Answer:
        """One request to the operator API."""
        url = f"http://127.0.0.1:{self.running.admin_port}{path}"
        async with self.session.request(method, url, json=body if method == "POST" else None) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def metric(self, line: str) -> float:
        """The value of a metric as scraped, e.g. ``tightrope_phase{phase="mirroring"}``; 0 while it is not there."""
        text = (await self.admin("GET", "/metrics")).body.decode()
        return next((float(each.rpartition(" ")[2]) for each in text.splitlines() if each.startswith(f"{line} ")), 0.0)

    async def phase(self) -> str:
        """The phase as operators see it."""
        return str((await self.admin("GET", "/api/v1/phase")).json["phase"])

    async def records(self, *states: State) -> list[WriteRecord]:
        """The journal."""
        return list(await self.running.desk.journal_list(states or tuple(State), after=0, limit=1000))

    async def states(self) -> list[str]:
        """The states of all records in order."""
        return [record.state.value for record in await self.records()]

    async def settled(self) -> None:
        """Wait until nothing is pending: everything is delivered, parked, skipped or closed."""

        async def done() -> bool:
            return self.running.mirror.idle() and not await self.records(State.RECEIVED, State.ANSWERED, State.IN_DOUBT)

        await eventually(done, "nothing is pending")

    async def reaches(self, *states: str) -> None:
        """Wait until the records are in these states, in order."""

        async def there() -> bool:
            return await self.states() == list(states)

        try:
            await eventually(there, "")
        except AssertionError:
            assert await self.states() == list(states)


def settings(directory: Path, blue_url: str, green_url: str | None, **changes: Any) -> Settings:
    """Settings for tests: short pauses, long time-outs, no fsync; ``changes`` are merged into the sections."""
    data: dict[str, Any] = {
        "listen": {"host": "127.0.0.1", "port": 0},
        "admin": {"port": 0},
        "blue": {"url": blue_url},
        "green": None if green_url is None else {"url": green_url},
        "state": {"url": f"sqlite:///{directory / 'state.db'}"},
        "phase": "mirroring" if green_url is not None else "blue_only",
        "journal": {"durability": "process"},
        "mirror": {"retry_initial_s": 0.01, "retry_max_s": 0.02, "request_timeout_s": DEADLINE_S},
        "cutover": {"max_hold_s": DEADLINE_S},
    }
    for section, change in changes.items():
        data[section] = {**(data.get(section) or {}), **change} if isinstance(change, dict) else change
    return Settings.model_validate(data)
