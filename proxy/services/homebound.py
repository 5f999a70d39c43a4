"""A client's request that is carried out at home, on the side that does not serve (see ``home``)."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from proxy.core.endpoints.spec import Match
from proxy.core.messages import Request, Response, Side
from proxy.core.versions.translate import Translation
from proxy.observe.metrics import Metrics
from proxy.services.conversation import Conversation, Reply, client_version, dropped, in_memory, reply_of
from proxy.services.exchange import Heard, Peer
from proxy.services.home import Home
from proxy.services.lane_order import LaneOrder
from proxy.services.ports import BodySource
from proxy.services.recorder import HOME, Recorder, said

_TEXT = (("content-type", "text/plain; charset=utf-8"),)
_FAILURES = frozenset({500, 502, 503, 504})


class Homebound:
    """Reads and writes there; the journal notes the writes as not mirrored."""

    def __init__(self, conversation: Conversation, home: Home, recorder: Recorder, metrics: Metrics) -> None:
        self._conversation = conversation
        self._home = home
        self._recorder = recorder
        self._metrics = metrics
        self._order = LaneOrder()

    def of(self, found: Match, peer: Peer) -> Side:
        """The side that a request belongs to."""
        return self._home.of(found, client_version(peer))

    async def read(self, home: Side, request: Request, found: Match, body: BodySource, peer: Peer) -> Reply:
        """Anything that changes nothing.

        Raises:
            CannotTranslateError: the home side did not do it.
        """
        if found.operation.name == "GetVersion":  # known already: nobody waits for a side that only follows
            told = str(self._home.version(home)).encode()
            return Reply(200, _TEXT, told, operation=found.operation.name, translated=(HOME,))
        if found.operation.streamed:
            return await self._reply(found, home, self._conversation.pass_on(home, request, found, body, peer))
        request = await self._conversation.with_body(request, body, peer)
        await self._home.ready(found, request, home)
        return await self._reply(found, home, self._conversation.answer(home, request, found, peer))

    async def write(
        self, home: Side, request: Request, found: Match, body: BodySource, peer: Peer, request_id: str
    ) -> Reply:
        """A write that only the home side can hold.

        Raises:
            CannotTranslateError: the home side did not do it; nothing is noted.
        """
        heard = Heard()
        if found.operation.streamed:
            streamed = in_memory(self._conversation.pass_on(home, request, found, body, peer))
            reply = await self._reply(found, home, streamed)
        else:
            request = await self._conversation.with_body(request, body, peer)
            await self._home.ready(found, request, home)
            translation = await self._conversation.translation(home, request, found, peer)
            async with self._order.turn(found, said(found, request)):
                answer = self._conversation.run(home, request, found, translation, peer, heard)
                reply = await self._reply(found, home, _replied(answer, found, translation))
        learned = tuple(heard.learned)
        if await self._recorder.homed(found, request, home, request_id, reply.status, learned):
            self._metrics.mirror_skipped.inc(HOME)
        self._conversation.identity.learned(learned)
        return reply

    async def _reply(self, found: Match, home: Side, work: Coroutine[Any, Any, Reply]) -> Reply:
        """The home side's answer; its failures are refusals, because clients repeat a server error for minutes."""
        reply = await self._home.bounded(found, home, work)
        if reply.status in _FAILURES:
            await dropped(reply)
            raise self._home.refusal(found, home, f"it answered {reply.status}")
        return replace(reply, translated=(*reply.translated, HOME))


async def _replied(answer: Coroutine[Any, Any, Response], found: Match, translation: Translation | None) -> Reply:
    return reply_of(await answer, found, translation)
