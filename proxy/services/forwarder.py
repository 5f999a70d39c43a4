"""One client request from its head to its answer.

    classify -> (hold) -> translate -> journal the intent -> send -> journal the outcome -> translate back

How a side is spoken to (translation, ids, streams) is ``conversation``; here it is decided which side, and what the
journal says.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from proxy.core import plain_upload
from proxy.core.endpoints.catalogue import match as match_request
from proxy.core.endpoints.paths import is_unsafe, is_unsafe_artifact_path
from proxy.core.endpoints.spec import Kind, Match
from proxy.core.messages import Request, Response, Side
from proxy.core.query import fields_of
from proxy.core.records import IdEntry
from proxy.core.versions.calls import UnreadableBodyError, read_call
from proxy.core.versions.change import Call
from proxy.core.versions.translate import Translation
from proxy.errors import (
    ClientGoneError,
    NotReachedError,
    RequestError,
    TightropeError,
    UnavailableDuringMirroringError,
    UnsafePathError,
)
from proxy.observe.metrics import Metrics
from proxy.services.conversation import Conversation, Reply, client_version, reply_of
from proxy.services.exchange import Heard, Peer
from proxy.services.gate import Gate
from proxy.services.home import Home, PhaseHolder
from proxy.services.lane_order import LaneOrder
from proxy.services.ports import BodySource
from proxy.services.recorder import HOME, OpenRecord, Recorder

_PASSING_KINDS = frozenset({Kind.ARTIFACT_READ, Kind.ARTIFACT_WRITE, Kind.UI, Kind.ADMIN})
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FAILURES = frozenset({500, 502, 503, 504})
_BYPASSES_THE_MIRROR = frozenset({"multipart", "presigned"})

T = TypeVar("T")


class Finisher(Protocol):
    """Runs work to its end even if the one who waits for it goes away."""

    async def finish(
        self,
        work: Coroutine[Any, Any, T],
        name: str,
        discard: Callable[[T], Coroutine[Any, Any, None]] | None = None,
    ) -> T:
        """Wait for the work; cancellation of the waiter does not reach it. A result nobody waits for is discarded."""
        ...


class Forwarder:
    """Serves clients."""

    def __init__(
        self,
        conversation: Conversation,
        recorder: Recorder,
        gate: Gate,
        phases: PhaseHolder,
        home: Home,
        finisher: Finisher,
        metrics: Metrics,
    ) -> None:
        self._conversation = conversation
        self._recorder = recorder
        self._order = LaneOrder()
        self._gate = gate
        self._phases = phases
        self._home = home
        self._finisher = finisher
        self._metrics = metrics

    async def handle(self, request: Request, body: BodySource, peer: Peer, request_id: str) -> Reply:
        """Answer one request.

        Args:
            request: method, path and query as they stood on the request line; no headers, no body.
            body: the body, not read yet.
            peer: the client with its headers.
            request_id: ours, for the journal and the logs.

        Raises:
            TightropeError: to be rendered as MLflow's JSON error.
        """
        if is_unsafe(request.path):
            raise UnsafePathError("the path leaves its root", hint="'..' segments are refused in every encoding.")
        found = match_request(request.method, request.path)
        if found is not None and "path=" in request.query and _leaves_its_root(request.query):
            raise UnsafePathError(
                "the artifact path leaves its root", hint="Artifact paths are relative, with no '..'."
            )
        try:
            serving = self._phases.phase.serving
            peer = self._conversation.in_workspace(serving, found, peer, journaled=self._phases.phase.journals)
            if not _may_change_something(request, found):
                reply = await self._read(request, found, body, peer)
            else:
                await self._gate.enter()
                # From here on the write is ended even if the client leaves, and counts as under way until then.
                work = self._leaving(self._write(request, found, body, peer, request_id))
                reply = await self._finisher.finish(work, "write", _drop)
        except TightropeError as error:
            error.operation = found.operation.name if found is not None else "unknown"
            raise
        if found is not None and reply.status in {404, 405}:
            await self._conversation.doubt_version(serving, found, reply)
        return reply

    async def _leaving(self, work: Coroutine[Any, Any, Reply]) -> Reply:
        try:
            return await work
        finally:
            self._gate.leave()

    async def _read(self, request: Request, found: Match | None, body: BodySource, peer: Peer) -> Reply:
        serving = self._phases.phase.serving
        home = self._home.of(found, client_version(peer)) if found is not None else serving
        if found is None or home is serving:
            return await self._serve(serving, request, found, body, peer)
        if found.operation.streamed:
            work = self._conversation.pass_on(home, request, found, body, peer)
        else:
            request = await self._conversation.with_body(request, body, peer)
            await self._home.ready(found, request, home)
            work = self._conversation.answer(home, request, found, peer)
        return await self._at_home(found, home, work)

    async def _at_home(self, found: Match, home: Side, work: Coroutine[Any, Any, Reply]) -> Reply:
        """The home side's answer; its failures are refusals, because clients repeat a server error for minutes."""
        reply = await self._home.bounded(found, home, work)
        if reply.status in _FAILURES:
            await _drop(reply)
            raise self._home.refusal(found, home, f"it answered {reply.status}")
        return replace(reply, translated=(*reply.translated, HOME))

    async def _serve(self, side: Side, request: Request, found: Match | None, body: BodySource, peer: Peer) -> Reply:
        """Anything that is not journaled."""
        if found is None or found.operation.streamed or found.operation.kind in _PASSING_KINDS:
            return await self._conversation.pass_on(side, request, found, body, peer)
        request = await self._conversation.with_body(request, body, peer)
        return await self._conversation.answer(side, request, found, peer)

    async def _write(
        self, request: Request, found: Match | None, body: BodySource, peer: Peer, request_id: str
    ) -> Reply:
        phase = self._phases.phase
        side = phase.serving
        if found is None or not phase.journals:
            return await self._serve(side, request, found, body, peer)
        skip = found.operation.skip
        home = self._home.of(found, client_version(peer))
        if home is not side:
            return await self._write_home(home, request, found, body, peer, request_id)
        if skip in _BYPASSES_THE_MIRROR:
            raise UnavailableDuringMirroringError(
                plain_upload.message(found.operation.name, "Tightrope: it would bypass the mirror")
            )
        if skip:
            self._metrics.mirror_skipped.inc(skip)
        if skip or not found.operation.kind.writes:
            return await self._serve(side, request, found, body, peer)
        if found.operation.kind is Kind.ARTIFACT_WRITE:
            return await self._write_artifact(side, request, found, body, peer, request_id)
        request = await self._conversation.with_body(request, body, peer)
        # A refusal comes before anything is journaled.
        translation = await self._conversation.translation(side, request, found, peer)
        call, heard = _call(found, request), Heard()
        async with self._order.turn(found, call):
            record = await self._recorder.begin(found, call, request, side, request_id)
            async with _Outcome(self._recorder, record, heard):
                response = await self._conversation.run(side, request, found, translation, peer, heard)
        if heard.wrote and not response.ok:  # one of several requests took effect before another was refused
            await self._recorder.in_doubt(record, "partly_done")
        else:
            await self._recorder.answered(record, response, tuple(heard.learned))
        self._conversation.identity.learned(heard.learned)
        return reply_of(response, found, translation)

    async def _write_home(
        self, home: Side, request: Request, found: Match, body: BodySource, peer: Peer, request_id: str
    ) -> Reply:
        """A write that only the other side can hold: done there, and noted in the journal as not mirrored."""
        if found.operation.streamed:
            work = _whole(self._conversation.pass_on(home, request, found, body, peer))
            reply = await self._at_home(found, home, work)
            await self._note_home(found, _call(found, request), request, home, request_id, reply.status, ())
            return reply
        request = await self._conversation.with_body(request, body, peer)
        await self._home.ready(found, request, home)
        translation = await self._conversation.translation(home, request, found, peer)
        call, heard = _call(found, request), Heard()
        async with self._order.turn(found, call):
            work = _replied(self._conversation.run(home, request, found, translation, peer, heard), found, translation)
            reply = await self._at_home(found, home, work)
        learned = tuple(heard.learned)
        await self._note_home(found, call, request, home, request_id, reply.status, learned)
        self._conversation.identity.learned(learned)
        return reply

    async def _note_home(
        self,
        found: Match,
        call: Call,
        request: Request,
        home: Side,
        request_id: str,
        status: int,
        learned: tuple[IdEntry, ...],
    ) -> None:
        if await self._recorder.homed(found, call, request, home, request_id, status, learned):
            self._metrics.mirror_skipped.inc(HOME)

    async def _write_artifact(
        self, side: Side, request: Request, found: Match, body: BodySource, peer: Peer, request_id: str
    ) -> Reply:
        """Bytes are streamed to the serving side; the record only says that the path changed."""
        record = await self._recorder.begin(found, _call(found, request), request, side, request_id)
        async with _Outcome(self._recorder, record, Heard()):
            reply = await self._conversation.pass_on(side, request, found, body, peer)
            content = await _read_out(reply)
        await self._recorder.answered(record, Response(reply.status, (), content), ())
        return Reply(reply.status, reply.headers, content, operation=found.operation.name)


class _Outcome:
    """Journals what a failure means for the write."""

    def __init__(self, recorder: Recorder, record: OpenRecord, heard: Heard) -> None:
        self._heard = heard
        self._recorder = recorder
        self._record = record

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if self._heard.wrote:  # one of several requests of a translation took effect before this
            await self._recorder.in_doubt(self._record, type(error).__name__)
        elif isinstance(error, NotReachedError):
            await self._recorder.not_sent(self._record, "not_reached")
        elif isinstance(error, RequestError) and not isinstance(error, ClientGoneError):
            await self._recorder.not_sent(self._record, "refused")
        else:  # time-outs, resets, a client gone in the middle of its upload, and whatever we did not think of
            await self._recorder.in_doubt(self._record, type(error).__name__)


async def _drop(reply: Reply) -> None:
    """Close what a client that left will not read."""
    if reply.stream is not None:
        await reply.stream.close()


async def _replied(answer: Coroutine[Any, Any, Response], found: Match, translation: Translation | None) -> Reply:
    return reply_of(await answer, found, translation)


async def _whole(work: Coroutine[Any, Any, Reply]) -> Reply:
    """The reply with its body in memory."""
    reply = await work
    return replace(reply, body=await _read_out(reply), stream=None)


async def _read_out(reply: Reply) -> bytes:
    if reply.stream is None:
        return reply.body
    try:
        return await reply.stream.read()
    finally:
        await reply.stream.close()


def _may_change_something(request: Request, found: Match | None) -> bool:
    """Whether a hold concerns this request."""
    if found is None or found.operation.kind in {Kind.UI, Kind.ADMIN}:
        return request.method not in _READING_METHODS and (found is None or found.operation.kind is not Kind.UI)
    return found.operation.kind.writes


def _leaves_its_root(query: str) -> bool:
    """MLflow 1.23, 1.28 and 2.0 list and serve foreign files for ``path=/etc`` or ``path=../..``."""
    paths = fields_of(query).get("path", "")
    return any(is_unsafe_artifact_path(path) for path in (paths if isinstance(paths, list) else [paths]))


def _call(found: Match, request: Request) -> Call:
    """What the write says, for its lane; unreadable JSON is the serving side's to refuse."""
    try:
        return read_call(found, request)
    except UnreadableBodyError:
        return Call(found.operation.name, dict(found.params))
