"""What operators can ask of the running proxy; the operator API is a thin shell around this."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

from proxy.core.cutover import Event
from proxy.core.messages import Side
from proxy.core.records import WriteRecord
from proxy.core.reports import MoveReport
from proxy.core.writes import State
from proxy.errors import PreconditionFailedError, StorageError
from proxy.observe.metrics import Metrics
from proxy.services.census import Census
from proxy.services.coordinator import Coordinator, CurrentPhase
from proxy.services.gate import Gate
from proxy.services.mirror import Mirror
from proxy.services.outlook import outlook
from proxy.services.ports import Backend, Clock, JournalStore, PhaseStore
from proxy.services.recorder import Recorder
from proxy.services.status import HoldView, StatusView, build_status
from proxy.services.supervisor import Supervisor


class OperatorDesk:
    """Answers operators."""

    def __init__(
        self,
        version: str,
        urls: Mapping[Side, str],
        backends: Mapping[Side, Backend],
        current: CurrentPhase,
        coordinator: Coordinator,
        gate: Gate,
        mirror: Mirror,
        journal: JournalStore,
        recorder: Recorder,
        store: PhaseStore,
        census: Census,
        metrics: Metrics,
        supervisor: Supervisor,
        clock: Clock,
        *,
        max_hold_s: float,
    ) -> None:
        self._version = version
        self._urls = urls
        self._backends = backends
        self._current = current
        self._coordinator = coordinator
        self._gate = gate
        self._mirror = mirror
        self._journal = journal
        self._recorder = recorder
        self._store = store
        self._census = census
        self._metrics = metrics
        self._supervisor = supervisor
        self._clock = clock
        self._max_hold_s = max_hold_s
        self._started_at = clock()
        self._hold_timer: asyncio.TimerHandle | None = None
        metrics.on_refresh(self.refresh_metrics)

    async def refresh_metrics(self) -> None:
        """Set the gauges that are computed when somebody looks."""
        counts = await self._journal.counts()
        oldest = await self._journal.oldest_pending()
        lag_s = 0.0 if oldest is None else max(0.0, self._clock() - oldest)
        self._metrics.set_journal(counts, await self._journal.size_bytes(), lag_s)
        self._metrics.open_divergences.replace({"parked_write": float(counts.get(State.PARKED, 0))})

    async def status(self) -> StatusView:
        """The view of now."""
        counts: Mapping[State, int] = {}
        with contextlib.suppress(StorageError):  # the view itself says that the journal cannot be read
            counts = await self._journal.counts()
        sides = {side: (self._urls[side], self._backends[side]) if side in self._backends else None for side in Side}
        return await build_status(
            version=self._version,
            started_at=self._started_at,
            now=self._clock(),
            phase=self._current.phase,
            hold=self._hold_view(),
            journal=self._journal,
            sides=sides,
            open_divergences={"parked_write": counts.get(State.PARKED, 0)},
            clients=self._census.seen(),
            outlook=lambda versions: outlook(self._census.uses(), versions),
        )

    async def move(
        self, event: Event, *, actor: str, dry_run: bool, max_hold_s: float | None, waive: Sequence[str]
    ) -> MoveReport:
        """Carry out, or plan, a move between phases; it goes on even if the asker hangs up."""
        hold_s = self._max_hold_s if max_hold_s is None else max_hold_s
        work = self._coordinator.move(event, actor=actor, dry_run=dry_run, max_hold_s=hold_s, waive=waive)
        return await self._supervisor.finish(work, f"move {event.value}")

    async def hold(self, max_s: float | None, actor: str) -> HoldView:
        """Make clients' writes wait, for at most ``max_s``."""
        if self._coordinator.busy:
            raise PreconditionFailedError("a change of phase is under way", hint="See `tightrope status`.")
        if self._gate.held:
            raise PreconditionFailedError("writes are being held already", hint="`tightrope release` ends the hold.")
        limit = self._max_hold_s if max_s is None else max_s
        self._gate.hold(limit)
        self._hold_timer = asyncio.get_running_loop().call_later(limit, self._end_hold)
        await self._store.audit(actor=actor, action="hold", detail=f"for at most {limit:g} s", now=self._clock())
        return self._hold_view()

    async def release(self, actor: str) -> HoldView:
        """Let waiting writes go; harmless when none waits."""
        if self._coordinator.busy:
            raise PreconditionFailedError("a change of phase holds the writes and releases them by itself")
        for backend in self._backends.values():  # in-place upgrades happen during a hold
            backend.look_again()
        await self._backends[self._current.phase.serving].healthy()
        self._end_hold()
        await self._store.audit(actor=actor, action="release", detail="", now=self._clock())
        return self._hold_view()

    async def journal_list(self, states: Sequence[State], *, after: int, limit: int) -> Sequence[WriteRecord]:
        """Records in any of ``states`` beyond position ``after``."""
        return await self._journal.listing(states, after_seq=after, limit=limit)

    async def journal_show(self, seq: int) -> WriteRecord | None:
        """One record."""
        return await self._journal.read(seq)

    async def journal_retry(self, seqs: Sequence[int] | None, actor: str) -> int:
        """Parked records are tried again."""
        reopened = await self._journal.reopen(seqs)
        await self._mirror.reopened(reopened)
        await self._store.audit(
            actor=actor, action="journal retry", detail=f"{len(reopened)} records", now=self._clock()
        )
        return len(reopened)

    async def journal_skip(self, seqs: Sequence[int], reason: str, actor: str) -> int:
        """Records are given up."""
        skipped = await self._journal.skip(seqs, "operator")
        self._metrics.mirror_skipped.inc("operator", by=skipped)
        await self._mirror.reopened(())
        detail = f"{skipped} of {list(seqs)[:20]}: {reason}"
        await self._store.audit(actor=actor, action="journal skip", detail=detail, now=self._clock())
        return skipped

    async def audit_log(self, limit: int) -> Sequence[Mapping[str, object]]:
        """The newest entries, newest first."""
        return await self._store.audit_log(limit)

    async def ready(self) -> tuple[bool, Mapping[str, object]]:
        """Ready when the serving side answers.

        A journal that cannot be written refuses writes and still serves reads, so it shows in the detail only.
        """
        serving = self._current.phase.serving
        healthy = await self._backends[serving].healthy()
        problem = self._recorder.problem if self._current.phase.journals else None
        try:
            await self._journal.counts()
        except StorageError as error:
            problem = error.message
        detail: dict[str, object] = {
            "phase": self._current.phase.value,
            "serving": serving.value,
            f"{serving.value}_answers": healthy,
            "journal_works": problem is None,
        }
        if problem is not None:
            detail["journal_problem"] = problem
        return healthy, detail

    def _hold_view(self) -> HoldView:
        return HoldView(self._gate.held, self._gate.waiting, self._gate.held_since)

    def _end_hold(self) -> None:
        if self._hold_timer is not None:
            self._hold_timer.cancel()
            self._hold_timer = None
            if self._gate.held_since is not None:
                self._metrics.hold.observe(self._clock() - self._gate.held_since)
            self._gate.release()
