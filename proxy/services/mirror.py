"""The mirror: drains the journal to the following side, in order per object, for ever.

What may go now is decided by ``core.schedule``; one delivery is ``delivery.Delivery``. Here are only the queue's
window, the retries and the bookkeeping. A record whose delivery fails waits with its lane and holds nobody else up; a
following side that cannot be reached makes everything wait, with one probe at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

import structlog

from proxy.core.backoff import SERVER_ERRORS_BEFORE_PARKING
from proxy.core.cutover import Phase
from proxy.core.records import Outcome, Pending, WriteRecord
from proxy.core.writes import State
from proxy.errors import (
    ServerFailedError,
    StorageError,
    TightropeError,
    UpstreamError,
)
from proxy.observe.metrics import Metrics
from proxy.services.backlog import Backlog
from proxy.services.delivered import Delivered
from proxy.services.delivery import Delivery
from proxy.services.home import PhaseHolder
from proxy.services.identity import Identity
from proxy.services.pace import Pace, RetrySettings, reason_of
from proxy.services.ports import Clock, JournalStore
from proxy.services.supervisor import Supervisor

_log = structlog.get_logger(__name__)

_HURRY_EVERY_S = 0.5


class Mirror:
    """One per process; fed by the recorder, steered by the phase."""

    def __init__(
        self,
        journal: JournalStore,
        delivery: Delivery,
        identity: Identity,
        phases: PhaseHolder,
        supervisor: Supervisor,
        metrics: Metrics,
        settings: RetrySettings,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._delivery = delivery
        self._identity = identity
        self._phases = phases
        self._supervisor = supervisor
        self._metrics = metrics
        self._settings = settings
        self._clock = clock
        self._backlog = Backlog(journal)
        self._attempts: dict[int, int] = {}
        self._server_errors: dict[int, int] = {}  # of the attempts, those that a 5xx answered
        self._overtaken: set[int] = set()  # parked once: newer writes to the same object may have gone before
        self._busy = 0
        self._pace = Pace(settings, self._again)
        self._wake = asyncio.Event()
        self._parked_creates: set[str] = set()
        self._changed = asyncio.Event()

    # ------------------------------------------------------------------------------------------------------------ feed

    def opened(self, record: Pending) -> None:
        """See ``ports.MirrorFeed``."""
        self._backlog.opened(record)

    def closed(self, seq: int, state: State, lane: str) -> None:
        """See ``ports.MirrorFeed``."""
        self._backlog.closed(seq, state, lane)
        self.wake()

    def _again(self, seq: int) -> None:
        self._backlog.schedule.put_back(seq)
        self.wake()

    def wake(self) -> None:
        """Look again for something to do (the phase changed, records were reopened)."""
        self._wake.set()

    async def reopened(self, records: Sequence[Pending]) -> None:
        """Parked records are to be tried again."""
        self._parked_creates = await self._journal.parked_creates()
        for record in records:
            self._attempts.pop(record.seq, None)
            self._overtaken.add(record.seq)
        self._backlog.reopened(records)
        self.wake()

    async def forget(self) -> None:
        """The window was closed: nothing that was pending is pending any more."""
        self._pace.hurry()
        self._backlog.forget()
        self._attempts.clear()
        self._overtaken.clear()
        self._server_errors.clear()
        self._parked_creates = await self._journal.parked_creates()

    # ------------------------------------------------------------------------------------------------------------- run

    async def start(self) -> None:
        """Take over what an earlier process left."""
        self._parked_creates = await self._journal.parked_creates()
        await self._backlog.start()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self._backlog.refill()
                pause = self._pace.pause_s
                if self._phases.phase.delivers and pause <= 0:
                    self._start_deliveries()
            except StorageError:
                _log.exception("journal cannot be read; the mirror waits")
                pause = self._settings.retry_initial_s
            except Exception:  # noqa: BLE001 - the mirror must never stop silently
                _log.exception("the mirror failed unexpectedly and goes on")
                pause = self._settings.retry_max_s
            await _came(self._wake, pause if pause > 0 else 1.0)

    def idle(self) -> bool:
        """Whether nothing is pending: every acknowledged write is on the following side, parked or skipped."""
        return self._backlog.empty and self._busy == 0

    async def drained(self, phase: Phase) -> None:
        """Return once nothing is pending; to be bounded by the caller's time-out. ``phase`` must be delivering."""
        self._pace.hurry()
        self.wake()
        while not self.idle() and self._phases.phase is phase:
            self._changed.clear()
            if not await _came(self._changed, _HURRY_EVERY_S):
                self._pace.hurry()
                self.wake()

    async def caught_up(self, lanes: Collection[str]) -> None:
        """Return once nothing in memory is pending in these lanes, or at once while the following side is down.

        To be bounded by the caller's time-out.
        """
        while not self._pace.down and any(map(self._backlog.schedule.waits_in, lanes)):
            self._changed.clear()
            await _came(self._changed, _HURRY_EVERY_S)

    def _start_deliveries(self) -> None:
        slots = self._pace.slots
        while self._busy < slots:
            seq = self._backlog.schedule.take()
            if seq is None:
                return
            self._busy += 1
            self._supervisor.spawn(self._deliver(seq), f"deliver {seq}")

    # -------------------------------------------------------------------------------------------------------- delivery

    async def _deliver(self, seq: int) -> None:
        try:
            record = await self._journal.read(seq)
            if record is not None and record.state is State.RECEIVED:  # its outcome could not be recorded at the time
                lost = Outcome(State.IN_DOUBT, reason="outcome_not_recorded")
                await self._journal.answered(seq, lost, self._clock())
                record = await self._journal.read(seq)
            if record is None or not record.state.pending:
                self._backlog.schedule.finished(seq)
            elif record.intent.side is not self._phases.phase.serving:
                # Left over from before a switch by a waiver: the side it would go to serves now and may be ahead.
                await self._finish(record, Delivered(State.PARKED, "switched", "delivery would overwrite newer data"))
            elif self._depends_on_parked(record):
                await self._finish(record, Delivered(State.PARKED, "depends_on_parked"))
            else:
                await self._attempt(record)
        except TightropeError as error:
            _log.warning("delivery interrupted", seq=seq, error=error.message)
            self._pace.later(seq, self._settings.retry_initial_s)
        except Exception:  # noqa: BLE001 - a fault of ours must not stop a lane
            _log.exception("delivery failed unexpectedly", seq=seq)
            await self._park_unexpected(seq)
        finally:
            self._busy -= 1
            self._changed.set()
            self.wake()

    async def _attempt(self, record: WriteRecord) -> None:
        seq = record.seq
        attempts = self._attempts.get(seq, record.attempts)
        repeated = attempts > 0 or self._backlog.may_be_known_to_following(seq)
        try:
            outcome = await self._delivery.deliver(record, repeated=repeated, overtaken=seq in self._overtaken)
        except UpstreamError as error:
            await self._retry(record, attempts + 1, error)
        else:
            self._pace.reached()
            await self._finish(record, outcome)

    async def _retry(self, record: WriteRecord, attempts: int, error: UpstreamError) -> None:
        self._attempts[record.seq] = await self._journal.attempt(record.seq)
        reason = reason_of(error)
        self._metrics.mirror_retries.inc(reason)
        if isinstance(error, ServerFailedError):
            self._server_errors[record.seq] = self._server_errors.get(record.seq, 0) + 1
        tried_enough = self._server_errors.get(record.seq, 0) >= SERVER_ERRORS_BEFORE_PARKING
        # A server that fails at everything (its database is down) is waited for; one that fails at this, not.
        if tried_enough and await self._delivery.works(record.intent.side.other):
            await self._finish(record, Delivered(State.PARKED, "server_error", error.message))
            return
        level = _log.warning if attempts in {1, 2, 4, 8} or attempts % 32 == 0 else _log.debug
        level("delivery put off", seq=record.seq, operation=record.intent.operation, reason=reason, attempts=attempts)
        self._pace.put_off(record.seq, attempts, error, record.intent.side.other.value)

    async def _finish(self, record: WriteRecord, outcome: Delivered) -> None:
        await self._journal.delivered(
            record.seq, outcome.state, reason=outcome.reason, detail=outcome.detail, learned=outcome.learned
        )
        self._identity.learned(outcome.learned)
        self._attempts.pop(record.seq, None)
        self._overtaken.discard(record.seq)
        self._server_errors.pop(record.seq, None)
        operation = record.intent.operation
        self._metrics.mirror_writes.inc(operation, outcome.state.value)
        if outcome.state is State.SKIPPED:
            self._metrics.mirror_skipped.inc(outcome.reason)
        if outcome.state is State.PARKED:
            if outcome.reason != "depends_on_parked":
                self._metrics.divergences.inc("write", operation, outcome.reason)
            if record.answer:  # only creates can have dependents
                self._parked_creates = await self._journal.parked_creates()
            _log.error(
                "write parked",
                seq=record.seq,
                operation=operation,
                lane=record.intent.lane,
                reason=outcome.reason,
                detail=outcome.detail[:300],
                hint=f"tightrope journal show {record.seq}; then retry or skip it",
            )
        self._backlog.schedule.finished(record.seq)

    def _depends_on_parked(self, record: WriteRecord) -> bool:
        lanes = (record.intent.lane, *record.intent.after)
        return bool(self._parked_creates) and any(lane in self._parked_creates for lane in lanes)

    async def _park_unexpected(self, seq: int) -> None:
        """A fault of ours must not stop a lane: the record is parked, where it is seen and can be retried."""
        try:
            record = await self._journal.read(seq)
            if record is not None:
                await self._finish(record, Delivered(State.PARKED, "internal_error", "see the proxy's log"))
        except TightropeError:
            self._pace.later(seq, self._settings.retry_max_s)


async def _came(event: asyncio.Event, within_s: float) -> bool:
    """Wait for an event, but not for ever.

    Before Python 3.12 ``asyncio.wait_for`` swallows a cancellation that comes together with the event, and then neither
    the cap of a cutover nor a shutdown would end the loops above.
    """
    late = False

    def ring() -> None:
        nonlocal late
        late = True
        event.set()

    timer = asyncio.get_running_loop().call_later(within_s, ring)
    try:
        await event.wait()
    finally:
        timer.cancel()
    return not late
