"""One request to one side on behalf of a client: ids put in, headers cleaned, ids taken out again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from time import perf_counter

from proxy.core import hidden_tags
from proxy.core.endpoints.catalogue import match as match_request
from proxy.core.endpoints.spec import Kind, Match
from proxy.core.http_headers import to_upstream, without
from proxy.core.idmap import refs_in_answer, rewrite_answer
from proxy.core.messages import Headers, Request, Response, Side
from proxy.core.outcomes import created_ref, parsed
from proxy.core.records import IdEntry, id_entry
from proxy.observe.metrics import Metrics
from proxy.services.identity import Identity
from proxy.services.localise import localised
from proxy.services.ports import Backend, UpstreamAnswer


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a client's request came from."""

    ip: str
    scheme: str
    headers: Headers
    """All its headers, credentials included; they go to the side that answers it and nowhere else."""


@dataclass(slots=True)
class Heard:
    """What an exchange learned besides the answer."""

    learned: list[IdEntry] = field(default_factory=list)
    wrote: bool = False
    """A request that changes something was answered with a success."""


class Exchange:
    """Speaks to both sides for clients."""

    def __init__(self, backends: dict[Side, Backend], identity: Identity, metrics: Metrics) -> None:
        self.backends = backends
        self.identity = identity
        self._metrics = metrics

    async def open(
        self,
        side: Side,
        request: Request,
        peer: Peer,
        *,
        body: AsyncIterator[bytes] | None = None,
        length: int | None = None,
        readable: bool = False,
    ) -> UpstreamAnswer:
        """Send and return with the head of the answer; its body is still in the side's own ids.

        Args:
            side: who is asked.
            request: public ids, the server's dialect; its ``headers`` say only what the body is.
            peer: the client.
            body: a stream instead of the request's body, of ``length`` bytes.
            length: see ``body``.
            readable: the answer will be looked into, so it must not come compressed.
        """
        found = match_request(request.method, request.path)
        if not self.identity.plain(side):
            request = await localised(self.identity, side, request)
        headers = to_upstream(
            _with_own_content_type(peer.headers, request.headers), client_ip=peer.ip, scheme=peer.scheme
        )
        if readable:
            headers = without(headers, ("accept-encoding",))
        request = Request(request.method, request.path, request.query, headers, request.body)
        began = perf_counter()
        try:
            return await self.backends[side].open(request, body=body, length=length)
        finally:
            name = found.operation.name if found is not None else "unknown"
            self._metrics.upstream_duration.observe(perf_counter() - began, side.value, name)

    async def ask(self, side: Side, request: Request, peer: Peer, heard: Heard) -> Response:
        """Send, read the answer in full, and return it in public ids; new ids are added to ``heard``."""
        if hidden_tags.mentioned(request):
            await self.identity.mark(side)
        answer = await self.open(side, request, peer, readable=True)
        try:
            response = Response(answer.status, answer.headers, await answer.read())
        finally:
            await answer.close()
        found = match_request(request.method, request.path)
        heard.wrote = heard.wrote or (response.ok and found is not None and found.operation.kind.writes)
        return await self.published(side, response, found, heard, known_as=request.known_as)

    async def published(
        self, side: Side, answer: Response, found: Match | None, heard: Heard, *, known_as: str = ""
    ) -> Response:
        """An answer in public ids; our hidden tags are still there, for the version changes that read them.

        ``known_as`` is the public id that an object just made already has.
        """
        if found is None or not answer.body:
            return answer
        body = answer.body
        if answer.ok and found.operation.kind is Kind.CREATE:
            ref = created_ref(found.operation, parsed(body))
            if ref is not None:
                entry = (
                    id_entry(ref[0], known_as, side, ref[1])
                    if known_as
                    else await self.identity.publish(ref[0], side, ref[1])
                )
                if known_as:  # the next request of the same translation already names it so
                    await self.identity.learn([entry])
                if ref[0] != "token" or entry.public != ref[1]:
                    heard.learned.append(entry)
        fresh = {
            (entry.kind, local): entry.public
            for entry in heard.learned
            if (local := entry.local(side)) is not None and local != entry.public
        }
        if fresh or not self.identity.plain(side):
            sites = found.operation.response
            known = {} if self.identity.plain(side) else await self._known(side, body, found, heard)
            body = rewrite_answer(body, sites, {**known, **fresh})
        return answer if body is answer.body else Response(answer.status, answer.headers, body)

    async def _known(self, side: Side, body: bytes, found: Match, heard: Heard) -> dict[tuple[str, str], str]:
        refs = refs_in_answer(body, found.operation.response)
        just_made = {(entry.kind, entry.local(side)) for entry in heard.learned}
        return await self.identity.to_public(side, [ref for ref in refs if ref not in just_made])


def _with_own_content_type(headers: Headers, own: Headers) -> Headers:
    """The client's headers, with those that describe a translated body in the place of the client's."""
    return (*without(headers, [name for name, _ in own]), *own) if own else headers
