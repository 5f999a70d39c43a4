"""One client request from its head to its answer.

    classify -> (hold) -> translate -> journal the intent -> send -> journal the outcome -> translate back

How a side is spoken to (translation, ids, streams) is ``conversation``; here it is decided which side, and what the
journal says.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from proxy.core import plain_upload
from proxy.core.endpoints.catalogue import match as match_request
from proxy.core.endpoints.paths import is_unsafe, is_unsafe_artifact_path
from proxy.core.endpoints.spec import Kind, Match
from proxy.core.messages import Request, Response, Side
from proxy.core.query import fields_of
from proxy.errors import (
    ClientGoneError,
    NotReachedError,
    RequestError,
    TightropeError,
    UnavailableDuringMirroringError,
    UnsafePathError,
)
from proxy.observe.metrics import Metrics
from proxy.services.conversation import Conversation, Reply, dropped, in_memory, reply_of
from proxy.services.exchange import Heard, Peer
from proxy.services.gate import Gate
from proxy.services.home import PhaseHolder
from proxy.services.homebound import Homebound
from proxy.services.lane_order import LaneOrder
from proxy.services.ports import BodySource
from proxy.services.recorder import OpenRecord, Recorder, said

_PASSING_KINDS = frozenset({Kind.ARTIFACT_READ, Kind.ARTIFACT_WRITE, Kind.UI, Kind.ADMIN})
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
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
        homebound: Homebound,
        finisher: Finisher,
        metrics: Metrics,
    ) -> None:
        self._conversation = conversation
        self._recorder = recorder
        self._order = LaneOrder()
        self._gate = gate
        self._phases = phases
        self._homebound = homebound
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
        if found is not None and "path=" in request.query and _leaves_its_root(request.query, found):
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
                reply = await self._finisher.finish(work, "write", dropped)
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
        home = self._homebound.of(found, peer) if found is not None else serving
        if found is None or home is serving:
            return await self._serve(serving, request, found, body, peer)
        return await self._homebound.read(home, request, found, body, peer)

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
        home = self._homebound.of(found, peer)
        if home is not side:
            return await self._homebound.write(home, request, found, body, peer, request_id)
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
        call, heard = said(found, request), Heard()
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

    async def _write_artifact(
        self, side: Side, request: Request, found: Match, body: BodySource, peer: Peer, request_id: str
    ) -> Reply:
        """Bytes are streamed to the serving side; the record only says that the path changed."""
        record = await self._recorder.begin(found, said(found, request), request, side, request_id)
        async with _Outcome(self._recorder, record, Heard()):
            reply = await in_memory(self._conversation.pass_on(side, request, found, body, peer))
        await self._recorder.answered(record, Response(reply.status, (), reply.body), ())
        return reply


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


def _may_change_something(request: Request, found: Match | None) -> bool:
    """Whether a hold concerns this request."""
    if found is None or found.operation.kind in {Kind.UI, Kind.ADMIN}:
        return request.method not in _READING_METHODS and (found is None or found.operation.kind is not Kind.UI)
    return found.operation.kind.writes


def _leaves_its_root(query: str, found: Match) -> bool:
    """MLflow 1.23, 1.28 and 2.0 list and serve foreign files for ``path=/etc`` or ``path=../..``."""
    paths = fields_of(query).get("path", "")
    of_run = found.operation.name != "ListProxiedArtifacts"
    return any(is_unsafe_artifact_path(path, of_run=of_run) for path in (paths if isinstance(paths, list) else [paths]))
