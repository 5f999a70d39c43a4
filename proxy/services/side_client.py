"""Our own calls to one tracking server, spoken in public ids and in whatever dialect the server has."""

from __future__ import annotations

from collections.abc import Generator
from secrets import token_hex
from time import time
from typing import TypeVar

from proxy.core import hidden_tags
from proxy.core.effects import with_public_id
from proxy.core.endpoints.catalogue import match as match_request
from proxy.core.idmap import refs_in_answer, rewrite_answer
from proxy.core.messages import Request, Response, Side
from proxy.core.mlflow_version import Version
from proxy.core.outcomes import created_ref, parsed
from proxy.core.records import id_entry
from proxy.core.versions.calls import write_call
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.translate import detour, translate_call
from proxy.errors import NotReachedError
from proxy.services.identity import Identity
from proxy.services.localise import localised
from proxy.services.ports import Backend, Clock

T = TypeVar("T")

NEWEST = Version(99, 0, 0)
"""The dialect of our own calls: whatever the newest client may ask."""


class SideClient:
    """One side, addressed by operation and arguments."""

    def __init__(self, backend: Backend, identity: Identity, clock: Clock = time) -> None:
        self.backend = backend
        self.identity = identity
        self._clock = clock

    @property
    def side(self) -> Side:
        """Which server this is."""
        return self.backend.side

    async def version(self) -> Version:
        """The server's version.

        Raises:
            NotReachedError: it was never detected, and the server does not answer now.
        """
        if self.backend.version is None:
            await self.backend.healthy()
        if self.backend.version is None:
            raise NotReachedError(f"{self.side.value} server: its version is not known yet")
        return self.backend.version

    async def ask(self, call: Call, *, local_answer: bool = False, client: Version | None = NEWEST) -> Response:
        """Make a call; ids in it and in the answer are public ones.

        Args:
            call: operation and arguments.
            local_answer: leave the answer in the side's own ids (to learn what a create made).
            client: the dialect that the call is written in.

        Raises:
            CannotTranslateError: the server has no faithful way to do it.
            NotReachedError, OutcomeUnknownError, UpstreamTimeoutError: no answer.
        """
        walk = translate_call(call, await self._dialects(client))
        return await self._walk(walk, local_answer=local_answer)

    async def artifact(self, request: Request) -> Request | None:
        """The request for the bytes of an artifact, sent to where this side really has them.

        The files of a logged model lie elsewhere on servers that have no logged models. None: the side has no such
        model, so there is nothing to read or to write.
        """
        found = match_request(request.method, request.path)
        dialects = await self._dialects(NEWEST)
        steps = detour(found, dialects, [], missing=False) if found is not None else None
        elsewhere = await self._walk(steps) if steps is not None else None
        if elsewhere is None:
            return request
        return write_call(elsewhere, dialects.server) if isinstance(elsewhere, Call) else None

    async def _walk(self, steps: Generator[Request, Response, T], *, local_answer: bool = False) -> T:
        try:
            request = next(steps)
            while True:
                request = steps.send(await self.send(request, local_answer=local_answer))
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def _dialects(self, client: Version | None) -> Dialects:
        marked = self.identity.marked(self.side)
        return Dialects(client, await self.version(), marked, token_hex(16), self._now_ms())

    async def send(self, request: Request, *, local_answer: bool = False) -> Response:
        """Send a request that is already in the server's dialect, but in public ids."""
        if hidden_tags.mentioned(request):
            await self.identity.mark(self.side)
        answer = await self.backend.call(await self.localised(request))
        found = match_request(request.method, request.path)
        if request.known_as and found is not None and answer.ok:
            made = created_ref(found.operation, parsed(answer.body))
            if made is not None:
                await self.identity.learn([id_entry(made[0], request.known_as, self.side, made[1])])
        if local_answer or found is None or not answer.body or self.identity.plain(self.side):
            return answer
        sites = found.operation.response
        mapping = await self.identity.to_public(self.side, refs_in_answer(answer.body, sites))
        return Response(answer.status, answer.headers, rewrite_answer(answer.body, sites, mapping))

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)

    async def localised(self, request: Request) -> Request:
        """The request with this side's ids in the place of public ones."""
        return await localised(self.identity, self.side, request)

    async def create(self, call: Call, public: str, *, client: Version | None = NEWEST) -> Response:
        """Make an object that carries our hidden tag; the answer is in the side's own ids."""
        await self.identity.mark(self.side)
        return await self.ask(with_public_id(call, public), local_answer=True, client=client)
