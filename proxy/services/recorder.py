"""Journaling one client write: the intent before it is forwarded, the outcome before it is acknowledged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from proxy.core.effects import ANSWER_MATTERS
from proxy.core.endpoints.spec import Match
from proxy.core.lanes import created_lane, lanes_of
from proxy.core.messages import Request, Response, Side
from proxy.core.outcomes import parsed, state_after
from proxy.core.records import IdEntry, Intent, Outcome, Pending, kept
from proxy.core.versions.calls import UnreadableBodyError, read_call
from proxy.core.versions.change import Call
from proxy.core.writes import State
from proxy.errors import JournalUnavailableError, OutcomeUnknownError, StorageError
from proxy.services.ports import Clock, JournalStore, MirrorFeed
from proxy.services.supervisor import Supervisor

_log = structlog.get_logger(__name__)

HOME = "home"
"""Why a write is not mirrored that only the following side can hold; stands among names of changes as well."""


@dataclass(slots=True)
class OpenRecord:
    """A write whose intent is in the journal and whose outcome is not."""

    seq: int
    match: Match
    durable: asyncio.Task[None]


class Recorder:
    """Writes records, and tells the mirror about them in the same breath."""

    def __init__(self, journal: JournalStore, mirror: MirrorFeed, supervisor: Supervisor, clock: Clock) -> None:
        self._journal = journal
        self._mirror = mirror
        self._supervisor = supervisor
        self._clock = clock
        self.problem: str | None = None
        """Why the last write could not be journaled, None when it could."""

    async def begin(self, match: Match, call: Call, request: Request, side: Side, request_id: str) -> OpenRecord:
        """Journal the intent; its fsync goes on while the write is forwarded.

        Raises:
            JournalUnavailableError: nothing was stored, and the write must not be forwarded.
        """
        intent, now = _intent(match, call, request, side, request_id), self._clock()
        try:
            seq = await self._journal.append(intent, now)
        except (StorageError, JournalUnavailableError) as error:
            self.problem = error.message
            raise
        self.problem = None
        opened = Pending(seq, State.RECEIVED, intent.operation, side, intent.lane, intent.after, intent.fence, now)
        self._mirror.opened(opened)
        return OpenRecord(seq, match, self._supervisor.spawn(self._journal.durable(seq), "fsync", awaited=True))

    async def answered(self, record: OpenRecord, answer: Response, learned: tuple[IdEntry, ...]) -> None:
        """Record the serving side's answer (public ids); returns once it may be acknowledged."""
        state = state_after(answer.status, answer.body)
        lane, body = "", b""
        operation = record.match.operation
        if state is State.ANSWERED and (operation.creates or operation.name in ANSWER_MATTERS):
            body = answer.body
            lane = created_lane(record.match, parsed(body))
        await self._close(record, Outcome(state, answer.status, body, lane, learned))
        await record.durable

    async def homed(
        self,
        match: Match,
        request: Request,
        home: Side,
        request_id: str,
        status: int,
        learned: tuple[IdEntry, ...],
    ) -> bool:
        """Record a write that only the following side can hold and has done; returns once it may be acknowledged.

        Returns: False if the side refused it, so that there is nothing to record.
        """
        if not 200 <= status < 300:
            return False
        seq = await self._journal.append(_intent(match, said(match, request), request, home, request_id), self._clock())
        await self._journal.answered(seq, Outcome(State.SKIPPED, status, learned=learned, reason=HOME), self._clock())
        await self._journal.durable(seq)
        return True

    async def not_sent(self, record: OpenRecord, why: str) -> None:
        """The write never left: nothing to mirror."""
        await self._close(record, Outcome(State.REJECTED, reason=why))
        await record.durable

    async def in_doubt(self, record: OpenRecord, why: str) -> None:
        """Nobody knows whether it took effect."""
        await self._close(record, Outcome(State.IN_DOUBT, reason=why))
        await record.durable

    async def _close(self, record: OpenRecord, outcome: Outcome) -> None:
        try:
            await self._journal.answered(record.seq, outcome, self._clock())
        except StorageError as error:
            # The intent is safe, so the write is not lost: it is settled by reading, as after a crash.
            _log.exception("outcome not recorded", seq=record.seq, state=outcome.state.value)
            self._mirror.closed(record.seq, State.IN_DOUBT, outcome.lane)
            if any(entry.public != (entry.blue or entry.green) for entry in outcome.learned):
                # The client would be given an id that nobody knows.
                raise OutcomeUnknownError("the write was done, but its new id could not be stored") from error
        else:
            self._mirror.closed(record.seq, outcome.state, outcome.lane)


def said(match: Match, request: Request) -> Call:
    """What a write says, for its lane; unreadable JSON is the server's to refuse."""
    try:
        return read_call(match, request)
    except UnreadableBodyError:
        return Call(match.operation.name, dict(match.params))


def _intent(match: Match, call: Call, request: Request, side: Side, request_id: str) -> Intent:
    lane, after = lanes_of(match, call)
    stored = Request(request.method, request.path, request.query, kept(request.headers), request.body)
    return Intent(match.operation.name, side, lane, after, match.operation.fence, stored, request_id)
