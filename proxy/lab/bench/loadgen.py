"""A lean closed-loop load generator: N keep-alive connections, each sends its next request when it has its answer."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import cast

from proxy.lab.bench.answers import Answer, AnswerReader
from proxy.lab.failures import LabError

_HOST = "127.0.0.1"
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a burst ends: whichever comes first."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Burst:
    """What was measured."""

    began: float
    """``time.monotonic()`` when the first request was sent."""
    seconds: float
    latencies_s: tuple[float, ...]
    """Of every request, rising."""
    reconnects: int
    """Connections opened because the server had closed one; their making counts into the latency."""

    @property
    def requests(self) -> int:
        """How many were answered, all of them with 2xx."""
        return len(self.latencies_s)


async def run_load(port: int, requests: Sequence[Sequence[bytes]], bounds: Bounds) -> Burst:
    """Send ``requests[i]`` over connection i, over and over, until the bounds are reached.

    Raises:
        LabError: an answer was not 2xx, a connection broke, or answers stayed away for 30 s.
    """
    workers: list[_Worker] = []
    run = _Run(port, bounds, len(requests))
    for own in requests:
        worker = _Worker(run, own)
        workers.append(worker)
        await run.connect(worker)
    gc.collect()
    gc.disable()  # a collection in the middle would look like a slow answer
    try:
        run.began = monotonic()
        for worker in workers:
            worker.next()
        await asyncio.wait_for(run.done, bounds.seconds + _PATIENCE_S)
    except asyncio.TimeoutError:
        raise LabError(f"port {port}: requests were not answered within {_PATIENCE_S:g} s") from None
    finally:
        gc.enable()
        for worker in workers:
            worker.close()
    return Burst(run.began, run.ended - run.began, tuple(sorted(run.latencies_s)), run.reconnects)


async def ask(port: int, request: bytes) -> Answer:
    """Send one request over a connection of its own and return its answer, whatever its status.

    Raises:
        LabError: the connection ended before the answer was complete.
    """
    reader, writer = await asyncio.open_connection(_HOST, port)
    answers = AnswerReader()
    try:
        writer.write(request)
        while data := await asyncio.wait_for(reader.read(65536), _PATIENCE_S):
            if (answer := answers.feed(data)) is not None:
                return answer
    finally:
        writer.close()
    if (answer := answers.finish()) is None:
        raise LabError(f"port {port}: the connection ended before the answer was complete")
    return answer


class _Run:
    """What the connections of one burst share."""

    def __init__(self, port: int, bounds: Bounds, workers: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._port = port
        self._bounds = bounds
        self._workers = workers
        self._started = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.done: asyncio.Future[None] = self._loop.create_future()
        self.latencies_s: list[float] = []
        self.reconnects = 0
        self.began = self.ended = 0.0

    def take(self, now: float) -> bool:
        """Whether one more request may be sent."""
        if self._started >= self._bounds.requests or now - self.began >= self._bounds.seconds or self.done.done():
            return False
        self._started += 1
        return True

    def finished(self, now: float) -> None:
        """A connection has nothing more to do."""
        self._workers -= 1
        self.ended = max(self.ended, now)
        if self._workers == 0 and not self.done.done():
            self.done.set_result(None)

    def fail(self, message: str) -> None:
        """End everything; the first failure counts."""
        if not self.done.done():
            self.done.set_exception(LabError(f"port {self._port}: {message}"))

    async def connect(self, worker: _Worker) -> None:
        """Open a connection for a worker."""
        try:
            await self._loop.create_connection(lambda: worker, _HOST, self._port)
        except OSError as exc:
            raise LabError(f"port {self._port} cannot be reached: {exc}") from exc

    def reconnect(self, worker: _Worker) -> None:
        """Open another connection and send what the worker has waiting."""
        self.reconnects += 1
        self._spawn(self._again(worker))

    async def _again(self, worker: _Worker) -> None:
        try:
            await self.connect(worker)
        except LabError as error:
            self.fail(error.message)
        else:
            worker.send()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Worker(asyncio.Protocol):
    """One connection at a time and its requests."""

    def __init__(self, run: _Run, requests: Sequence[bytes]) -> None:
        self._run = run
        self._requests = requests
        self._position = 0
        self._answers = AnswerReader()
        self._transport: asyncio.Transport | None = None
        self._began = 0.0
        self._waiting = False
        self._replacing = False

    def next(self) -> None:
        """Send the next request, if there is to be one."""
        now = monotonic()
        if not self._run.take(now):
            self._run.finished(now)
            return
        self._began = now
        if self._transport is None:
            self._run.reconnect(self)
        else:
            self.send()

    def send(self) -> None:
        """Send the request whose turn it is."""
        if self._transport is not None:
            self._waiting = True
            self._transport.write(self._requests[self._position])

    def close(self) -> None:
        """End the connection."""
        self._waiting = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods only

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        try:
            answer = self._answers.feed(data)
        except (LabError, ValueError) as error:
            self._run.fail(f"unreadable answer: {error}")
            return
        if answer is not None:
            self._take_answer(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = None
        if self._replacing:
            self._replacing = False
            self.next()
            return
        if not self._waiting:
            return
        answer = self._answers.finish() if exc is None else None
        if answer is None:
            self._run.fail(f"the connection ended before the answer was complete: {exc or 'closed'}")
        else:
            self._take_answer(answer)

    def _take_answer(self, answer: Answer) -> None:
        if not self._waiting:
            self._run.fail(f"an answer that nobody asked for: {answer.status}")
            return
        self._waiting = False
        if not 200 <= answer.status < 300:  # a benchmark of errors is worthless
            self._run.fail(f"status {answer.status}: {answer.body[:300].decode('utf-8', 'replace')}")
            return
        self._run.latencies_s.append(monotonic() - self._began)
        self._position = (self._position + 1) % len(self._requests)
        if answer.keep_open or self._transport is None:
            self.next()
        else:
            self._replacing = True  # the next one goes out once this connection is gone, see `connection_lost`
            self._transport.abort()
