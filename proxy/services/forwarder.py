"""One client request from its head to its answer.

    classify -> (hold) -> translate -> journal the intent -> send -> journal the outcome -> translate back

Everything that needs no looking into passes as it is: unknown endpoints, pages and artifacts are streamed both ways,
and a read whose ids and dialect agree with the serving side is never parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any, Protocol, TypeVar

from proxy.core import hidden_tags
from proxy.core.cutover import Phase
from proxy.core.dialect import version_of
from proxy.core.endpoints.catalogue import match as match_request
from proxy.core.endpoints.paths import is_unsafe, is_unsafe_artifact_path
from proxy.core.endpoints.spec import Kind, Match
from proxy.core.http_headers import without
from proxy.core.messages import Headers, Request, Response, Side, header
from proxy.core.mlflow_version import Version
from proxy.core.query import fields_of
from proxy.core.records import kept
from proxy.core.versions.calls import UnreadableBodyError, read_call, write_call
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.reach import reachable, refusal
from proxy.core.versions.translate import (
    OTHER_PATH,
    Translation,
    answer_only,
    detour,
    has_detours,
    plan,
    read_whole,
    translate_answer,
)
from proxy.errors import (
    ClientGoneError,
    NotReachedError,
    RequestError,
    TightropeError,
    UnavailableDuringMirroringError,
    UnsafePathError,
)
from proxy.observe.metrics import Metrics
from proxy.services.exchange import Exchange, Heard, Peer
from proxy.services.gate import Gate
from proxy.services.lane_order import LaneOrder
from proxy.services.ports import BodySource, Clock, UpstreamAnswer
from proxy.services.recorder import OpenRecord, Recorder

_PASSING_KINDS = frozenset({Kind.ARTIFACT_READ, Kind.ARTIFACT_WRITE, Kind.UI, Kind.ADMIN})
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BYPASSES_THE_MIRROR = frozenset({"multipart", "presigned"})

T = TypeVar("T")


class PhaseHolder(Protocol):
    """Who knows the phase."""

    phase: Phase


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


@dataclass(frozen=True, slots=True)
class Reply:
    """What the client gets: a body in memory, or a stream to pass on (then ``body`` is empty)."""

    status: int
    headers: Headers
    body: bytes = b""
    stream: UpstreamAnswer | None = None
    operation: str = "unknown"
    translated: tuple[str, ...] = ()


class Forwarder:
    """Serves clients."""

    def __init__(
        self,
        exchange: Exchange,
        recorder: Recorder,
        gate: Gate,
        phases: PhaseHolder,
        finisher: Finisher,
        metrics: Metrics,
        clock: Clock,
        *,
        max_json_body_bytes: int,
    ) -> None:
        self._exchange = exchange
        self._recorder = recorder
        self._order = LaneOrder()
        self._gate = gate
        self._phases = phases
        self._finisher = finisher
        self._metrics = metrics
        self._clock = clock
        self._max_json = max_json_body_bytes

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
            if not _may_change_something(request, found):
                return await self._serve(self._phases.phase.serving, request, found, body, peer)
            await self._gate.enter()
            # From here on the write is ended even if the client leaves, and counts as under way until then.
            work = self._leaving(self._write(request, found, body, peer, request_id))
            return await self._finisher.finish(work, "write", _drop)
        except TightropeError as error:
            error.operation = found.operation.name if found is not None else "unknown"
            raise

    async def _leaving(self, work: Coroutine[Any, Any, Reply]) -> Reply:
        try:
            return await work
        finally:
            self._gate.leave()

    async def _serve(self, side: Side, request: Request, found: Match | None, body: BodySource, peer: Peer) -> Reply:
        """Anything that is not journaled."""
        if found is None or found.operation.streamed or found.operation.kind in _PASSING_KINDS:
            return await self._pass_on(side, request, found, body, peer)
        request = await self._with_body(request, body, peer)
        translation = await self._translation(side, request, found, peer)
        if translation is None and self._exchange.identity.plain(side):
            answer = await self._exchange.open(side, request, peer)
            return Reply(answer.status, answer.headers, stream=answer, operation=found.operation.name)
        heard = Heard()
        response = await self._run(side, request, translation, peer, heard)
        await self._exchange.identity.learn(heard.learned)  # a fresh number must outlive us, journaled or not
        return _reply(response, found, translation)

    async def _write(
        self, request: Request, found: Match | None, body: BodySource, peer: Peer, request_id: str
    ) -> Reply:
        phase = self._phases.phase
        side = phase.serving
        if found is None or not phase.journals:
            return await self._serve(side, request, found, body, peer)
        skip = found.operation.skip
        if skip in _BYPASSES_THE_MIRROR:
            raise UnavailableDuringMirroringError(
                f"{found.operation.name} would bypass the mirror; upload the file with one plain PUT instead",
                hint="MLflow's clients fall back to that by themselves.",
            )
        if skip:
            self._metrics.mirror_skipped.inc(skip)
        if skip or not found.operation.kind.writes:
            return await self._serve(side, request, found, body, peer)
        if found.operation.kind is Kind.ARTIFACT_WRITE:
            return await self._write_artifact(side, request, found, body, peer, request_id)
        request = await self._with_body(request, body, peer)
        # A refusal comes before anything is journaled.
        translation = await self._translation(side, request, found, peer)
        call, heard = _call(found, request), Heard()
        async with self._order.turn(found, call):
            record = await self._recorder.begin(found, call, request, side, request_id)
            async with _Outcome(self._recorder, record, heard):
                response = await self._run(side, request, translation, peer, heard)
        await self._recorder.answered(record, response, tuple(heard.learned))
        self._exchange.identity.learned(heard.learned)
        return _reply(response, found, translation)

    async def _write_artifact(
        self, side: Side, request: Request, found: Match, body: BodySource, peer: Peer, request_id: str
    ) -> Reply:
        """Bytes are streamed to the serving side; the record only says that the path changed."""
        record = await self._recorder.begin(found, _call(found, request), request, side, request_id)
        async with _Outcome(self._recorder, record, Heard()):
            reply = await self._pass_on(side, request, found, body, peer)
            content = await _read_out(reply)
        await self._recorder.answered(record, Response(reply.status, (), content), ())
        return Reply(reply.status, reply.headers, content, operation=found.operation.name)

    async def _pass_on(self, side: Side, request: Request, found: Match | None, body: BodySource, peer: Peer) -> Reply:
        """Stream both ways; only ids in path and query are replaced."""
        if found is not None and _looks_inside(found) and not self._exchange.identity.plain(side):
            full = await self._with_body(request, body, peer)
            answered = await self._exchange.ask(side, full, peer, Heard())
            return _reply(hidden_tags.stripped(answered), found, None)
        version = self._exchange.backends[side].version
        if found is None or version is None:
            answer = await self._send_on(side, request, peer, body)
            name = found.operation.name if found is not None else "unknown"
            return Reply(answer.status, answer.headers, stream=answer, operation=name)
        return await self._stream(side, request, found, self._dialects(side, version, peer), body, peer)

    async def _stream(
        self, side: Side, request: Request, found: Match, dialects: Dialects, body: BodySource, peer: Peer
    ) -> Reply:
        """Stream both ways, from wherever the bytes are; what has to be looked at is read in full."""
        name, changes = found.operation.name, list[str]()
        detours = has_detours(name, dialects)
        elsewhere = None
        if detours:
            elsewhere = await self._detour(side, found, dialects, peer, changes, missing=False)
            if isinstance(elsewhere, Response):
                return Reply(elsewhere.status, elsewhere.headers, elsewhere.body, None, name, tuple(changes))
            if elsewhere is not None:
                written = write_call(elsewhere, dialects.server)
                request = replace(written, query=written.query or request.query)
        if elsewhere is None and not reachable(found, dialects.server):
            raise refusal(found.operation, dialects.server)
        whole = read_whole(found, dialects)
        if whole:
            peer = replace(peer, headers=without(peer.headers, ("accept-encoding", "range", "if-range")))
        answer = await self._send_on(side, request, peer, body)
        if whole or (answer.status >= 400 and (detours or answer_only(name, dialects))):
            response = await _in_full(answer)
            response, explained = translate_answer(response, found, dialects)
            changes += explained
            if detours and response.status == 404:
                elsewhere = await self._detour(side, found, dialects, peer, changes, missing=True)
                if isinstance(elsewhere, Response):
                    response = elsewhere
                elif elsewhere is not None:
                    answer = await self._send_on(side, write_call(elsewhere, dialects.server), peer, None)
                    return Reply(answer.status, answer.headers, b"", answer, name, tuple(changes))
            return Reply(response.status, response.headers, response.body, None, name, tuple(changes))
        return Reply(answer.status, answer.headers, b"", answer, name, tuple(changes))

    async def _send_on(self, side: Side, request: Request, peer: Peer, body: BodySource | None) -> UpstreamAnswer:
        stream, length = await body.sized() if body is not None and body.length != 0 else (None, None)
        return await self._exchange.open(side, request, peer, body=stream, length=length)

    async def _detour(
        self, side: Side, found: Match, dialects: Dialects, peer: Peer, changes: list[str], *, missing: bool
    ) -> Call | Response | None:
        steps = detour(found, dialects, changes, missing=missing)
        return await self._walk(side, steps, peer, Heard()) if steps is not None else None

    async def _with_body(self, request: Request, body: BodySource, peer: Peer) -> Request:
        content = await body.read(self._max_json)
        return Request(request.method, request.path, request.query, kept(peer.headers), content)

    async def _translation(self, side: Side, request: Request, found: Match, peer: Peer) -> Translation | None:
        backend = self._exchange.backends[side]
        if backend.version is None:
            await backend.healthy()  # it was down when we started; asking is how its version becomes known
        version = backend.version
        if version is None:
            return None
        return plan(found, request, self._dialects(side, version, peer))

    def _dialects(self, side: Side, version: Version, peer: Peer) -> Dialects:
        emulated = self._exchange.identity.marked(side)
        return Dialects(_client_version(peer), version, emulated, token_hex(16), int(self._clock() * 1000))

    async def _run(
        self, side: Side, request: Request, translation: Translation | None, peer: Peer, heard: Heard
    ) -> Response:
        """Ask the side, through the translation where there is one; the answer is without our hidden tags."""
        if translation is None:
            return hidden_tags.stripped(await self._exchange.ask(side, request, peer, heard))
        return hidden_tags.stripped(await self._walk(side, translation.run(), peer, heard))

    async def _walk(self, side: Side, steps: Generator[Request, Response, T], peer: Peer, heard: Heard) -> T:
        """Carry out the steps of a translation."""
        try:
            wanted = next(steps)
            while True:
                wanted = steps.send(await self._exchange.ask(side, wanted, peer, heard))
        except StopIteration as stop:
            result: T = stop.value
            return result


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


async def _in_full(answer: UpstreamAnswer) -> Response:
    try:
        return Response(answer.status, answer.headers, await answer.read())
    finally:
        await answer.close()


async def _read_out(reply: Reply) -> bytes:
    if reply.stream is None:
        return reply.body
    try:
        return await reply.stream.read()
    finally:
        await reply.stream.close()


def _client_version(peer: Peer) -> Version | None:
    return version_of(header(peer.headers, "user-agent") or "", header(peer.headers, "x-mlflow-client-version") or "")


def _may_change_something(request: Request, found: Match | None) -> bool:
    """Whether a hold concerns this request."""
    if found is None or found.operation.kind in {Kind.UI, Kind.ADMIN}:
        return request.method not in _READING_METHODS and (found is None or found.operation.kind is not Kind.UI)
    return found.operation.kind.writes


def _leaves_its_root(query: str) -> bool:
    """MLflow 1.23, 1.28 and 2.0 list and serve foreign files for ``path=/etc`` or ``path=../..``."""
    paths = fields_of(query).get("path", "")
    return any(is_unsafe_artifact_path(path) for path in (paths if isinstance(paths, list) else [paths]))


def _looks_inside(found: Match) -> bool:
    """UI helpers that speak JSON and mention ids (graphql)."""
    return found.operation.kind is Kind.UI and bool(found.operation.response.experiments)


def _call(found: Match, request: Request) -> Call:
    """What the write says, for its lane; unreadable JSON is the serving side's to refuse."""
    try:
        return read_call(found, request)
    except UnreadableBodyError:
        return Call(found.operation.name, dict(found.params))


def _reply(response: Response, found: Match, translation: Translation | None) -> Reply:
    changes = tuple(translation.changes) if translation is not None else ()
    if not changes and translation is not None and translation.moved:
        changes = (OTHER_PATH,)
    return Reply(response.status, response.headers, response.body, None, found.operation.name, changes)
