"""A client's request carried out on one side: translated, with its ids mapped, read or streamed.

Everything that needs no looking into passes as it is: unknown endpoints, pages and artifacts are streamed both ways,
and a read whose ids and dialect agree with the side is never parsed. Phases, holds and the journal are no concern here.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any, TypeVar

from proxy.core import hidden_tags, workspaces
from proxy.core.dialect import client_of, version_of
from proxy.core.endpoints.spec import Kind, Match
from proxy.core.http_headers import without
from proxy.core.messages import Headers, Request, Response, Side, header
from proxy.core.mlflow_version import Version
from proxy.core.records import kept
from proxy.core.versions.calls import write_call
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.reach import certain, is_api, named, no_such_page, reachable, refusal
from proxy.core.versions.translate import (
    OTHER_PATH,
    Translation,
    answer_only,
    detour,
    has_detours,
    plan,
    read_whole,
    revealed,
    translate_answer,
)
from proxy.services.exchange import Exchange, Heard, Peer
from proxy.services.ports import BodySource, Clock, UpstreamAnswer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the client gets: a body in memory, or a stream to pass on (then ``body`` is empty)."""

    status: int
    headers: Headers
    body: bytes = b""
    stream: UpstreamAnswer | None = None
    operation: str = "unknown"
    translated: tuple[str, ...] = ()


class Conversation:
    """Speaks with both sides on behalf of clients."""

    def __init__(self, exchange: Exchange, clock: Clock, *, max_json_body_bytes: int) -> None:
        self.identity = exchange.identity
        self._exchange = exchange
        self._clock = clock
        self._max_json = max_json_body_bytes

    async def answer(self, side: Side, request: Request, found: Match, peer: Peer) -> Reply:
        """A request that was read, and is not journaled."""
        translation = await self.translation(side, request, found, peer)
        if translation is None and self._exchange.identity.plain(side):
            answer = await self._exchange.open(side, request, peer)
            if answer.status >= 400:
                explained, names = self._explained(await _in_full(answer), side, found, peer)
                return Reply(*_parts(explained), operation=found.operation.name, translated=tuple(names))
            return Reply(answer.status, answer.headers, stream=answer, operation=found.operation.name)
        heard = Heard()
        response = await self.run(side, request, found, translation, peer, heard)
        await self._exchange.identity.learn(heard.learned)  # a fresh number must outlive us, journaled or not
        return reply_of(response, found, translation)

    async def pass_on(self, side: Side, request: Request, found: Match | None, body: BodySource, peer: Peer) -> Reply:
        """Stream both ways; only ids in path and query are replaced."""
        if found is not None and _looks_inside(found) and not self._exchange.identity.plain(side):
            full = await self.with_body(request, body, peer)
            answered = await self._exchange.ask(side, full, peer, Heard())
            return reply_of(hidden_tags.stripped(answered), found, None)
        version = self._exchange.backends[side].version
        if found is None or version is None:
            answer = await self._send_on(side, request, peer, body)
            if found is None and answer.status in {404, 405} and is_api(request.path) and _is_mlflow(peer):
                response = await _in_full(answer)
                return Reply(*_parts(named(request, version) if no_such_page(response) else response))
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
            if detours and response.status in {404, 500}:  # old servers say 500 for what is not there
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
        return await self._walk(side, steps, peer, Heard())

    def in_workspace(self, side: Side, found: Match | None, peer: Peer, *, journaled: bool) -> Peer:
        """The client with its workspace header as the side understands it.

        Raises:
            RequestError: the side has no such workspace, or writes to it could not be mirrored.
        """
        informs = found is not None and found.operation.name == "GetServerInfo"  # it says what workspaces there are
        headers = workspaces.understood(
            peer.headers,
            offered=informs or self._exchange.backends[side].workspaces,
            mirrored=journaled and found is not None and found.operation.kind.writes,
        )
        return peer if headers is peer.headers else replace(peer, headers=headers)

    async def doubt_version(self, side: Side, found: Match, reply: Reply) -> None:
        """A page "not found" where the server must have one: another server may be behind the URL now."""
        if "json" in (header(reply.headers, "content-type") or "") or found.operation.kind in {Kind.UI, Kind.ADMIN}:
            return
        backend = self._exchange.backends[side]
        if backend.version is not None and certain(found.operation, backend.version):
            backend.look_again()
            await backend.healthy()

    async def with_body(self, request: Request, body: BodySource, peer: Peer) -> Request:
        """The request with its body in memory, and of its headers those that say what the body is."""
        content = await body.read(self._max_json)
        headers = kept(peer.headers)
        if (
            content[:1] == b"{"
            and client_version(peer) is None
            and "json" not in (header(headers, "content-type") or "")
        ):
            # A program of its own (curl, requests), which servers up to 2.5 understood all the same.
            headers = (*without(headers, ("content-type",)), ("content-type", "application/json"))
        return Request(request.method, request.path, request.query, headers, content)

    async def translation(self, side: Side, request: Request, found: Match, peer: Peer) -> Translation | None:
        """How the side is asked for it; None: in the client's own words.

        Raises:
            CannotTranslateError: the side has no faithful way to do it.
        """
        backend = self._exchange.backends[side]
        if backend.version is None:
            await backend.healthy()  # it was down when we started; asking is how its version becomes known
        version = backend.version
        if version is None:
            return None
        return plan(found, request, self._dialects(side, version, peer))

    def _dialects(self, side: Side, version: Version, peer: Peer) -> Dialects:
        emulated = self._exchange.identity.marked(side)
        return Dialects(client_version(peer), version, emulated, token_hex(16), int(self._clock() * 1000))

    async def run(
        self, side: Side, request: Request, found: Match, translation: Translation | None, peer: Peer, heard: Heard
    ) -> Response:
        """Ask the side, through the translation where there is one; the answer is without our hidden tags."""
        if translation is None:
            answer = await self._exchange.ask(side, request, peer, heard)
            return hidden_tags.stripped(answer if answer.ok else self._explained(answer, side, found, peer)[0])
        marked = self.identity.marked(side)
        answer = await self._walk(side, translation.run(), peer, heard)
        version = self._exchange.backends[side].version
        if not marked and self.identity.marked(side) and version is not None:
            answer = revealed(answer, found, self._dialects(side, version, peer), translation.changes)
        return hidden_tags.stripped(answer)

    def _explained(self, answer: Response, side: Side, found: Match, peer: Peer) -> tuple[Response, list[str]]:
        """An error in words that the client knows; nothing else needed translation."""
        version = self._exchange.backends[side].version
        if version is None:
            return answer, []
        return translate_answer(answer, found, self._dialects(side, version, peer))

    async def _walk(self, side: Side, steps: Generator[Request, Response, T], peer: Peer, heard: Heard) -> T:
        """Carry out the steps of a translation."""
        try:
            wanted = next(steps)
            while True:
                wanted = steps.send(await self._exchange.ask(side, wanted, peer, heard))
        except StopIteration as stop:
            result: T = stop.value
            return result


async def _in_full(answer: UpstreamAnswer) -> Response:
    try:
        return Response(answer.status, answer.headers, await answer.read())
    finally:
        await answer.close()


def _parts(response: Response) -> tuple[int, Headers, bytes]:
    return response.status, response.headers, response.body


def _is_mlflow(peer: Peer) -> bool:
    """One of MLflow's own clients, which read JSON errors."""
    return client_of(header(peer.headers, "user-agent") or "")[0] in {"python", "java", "r"}


def client_version(peer: Peer) -> Version | None:
    """What the client says of itself."""
    return version_of(header(peer.headers, "user-agent") or "", header(peer.headers, "x-mlflow-client-version") or "")


def _looks_inside(found: Match) -> bool:
    """UI helpers that speak JSON and mention ids (graphql)."""
    return found.operation.kind is Kind.UI and bool(found.operation.response.experiments)


async def in_memory(work: Coroutine[Any, Any, Reply]) -> Reply:
    """The reply with its body in memory."""
    reply = await work
    if reply.stream is None:
        return reply
    try:
        return replace(reply, body=await reply.stream.read(), stream=None)
    finally:
        await reply.stream.close()


async def dropped(reply: Reply) -> None:
    """Close what nobody will read."""
    if reply.stream is not None:
        await reply.stream.close()


def reply_of(response: Response, found: Match, translation: Translation | None) -> Reply:
    """An answer in memory as a reply."""
    changes = tuple(translation.changes) if translation is not None else ()
    if not changes and translation is not None and translation.moved:
        changes = (OTHER_PATH,)
    return Reply(response.status, response.headers, response.body, None, found.operation.name, changes)
