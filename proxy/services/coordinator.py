"""Carries out the moves between phases, step by step, and keeps the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter

import structlog

from proxy.core.cutover import Event, Move, Phase, Step, legal_targets, move
from proxy.core.messages import Side
from proxy.core.outcomes import parsed
from proxy.core.reports import GateReport, MoveOutcome, MoveReport, StepReport
from proxy.core.versions.change import Call
from proxy.errors import PreconditionFailedError, TightropeError
from proxy.observe.metrics import Metrics
from proxy.services.gate import Gate
from proxy.services.gates import Gates
from proxy.services.mirror import Mirror
from proxy.services.ports import Backend, Clock, JournalStore, PhaseStore
from proxy.services.side_client import SideClient

_log = structlog.get_logger(__name__)

_FLIPS = {Event.CUTOVER, Event.ROLLBACK}
_RESERVE_TIMEOUT_S = 3.0
_PLAIN_NUMBER_LIMIT = 10**12  # beyond it ids are random (file stores) and cannot be counted past


class _AbortedError(Exception):
    """A step did not succeed; the move ends in the phase before."""


class CurrentPhase:
    """The phase as everybody reads it; only the coordinator sets it, right after it was stored."""

    def __init__(self, phase: Phase) -> None:
        self.phase = phase


class Coordinator:
    """One move at a time."""

    def __init__(
        self,
        current: CurrentPhase,
        store: PhaseStore,
        journal: JournalStore,
        gate: Gate,
        gates: Gates,
        mirror: Mirror,
        backends: Mapping[Side, Backend],
        clients: Mapping[Side, SideClient],
        reserve: Callable[[int], Awaitable[None]],
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._current = current
        self._store = store
        self._journal = journal
        self._gate = gate
        self._gates = gates
        self._mirror = mirror
        self._backends = backends
        self._clients = clients
        self._reserve = reserve
        self._metrics = metrics
        self._clock = clock
        self._busy = asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Whether a move is under way."""
        return self._busy.locked()

    async def start(self, initial: Phase) -> None:
        """Take up the stored phase, or begin with the configured one."""
        stored = await self._store.load()
        if stored is None:
            await self._store.save(initial, actor="config", action="start", detail="new state", now=self._clock())
        self._current.phase = stored or initial
        if not self._current.phase.journals:  # we may have been killed between storing the phase and this
            await self._journal.close_window("window_closed")
        self._metrics.set_phase(self._current.phase)

    async def move(
        self, event: Event, *, actor: str, dry_run: bool, max_hold_s: float, waive: Sequence[str]
    ) -> MoveReport:
        """Carry out a move, or say what it would do.

        A move that fails on the way ends in the phase before it, with the writes released.

        Raises:
            PreconditionFailedError: not legal now, or another move or a hold is under way.
        """
        before = self._current.phase
        found = self._legal(before, event)
        self._gates.require_known(waive)
        if self._busy.locked():
            raise PreconditionFailedError("another change of phase is under way", hint="See `tightrope status`.")
        if self._gate.held:
            raise PreconditionFailedError("writes are being held", hint="`tightrope release` ends the hold.")
        async with self._busy:
            if dry_run:
                return await self._plan(event, before, found, waive)
            report = await self._carry_out(event, before, found, max_hold_s, waive)
            detail = f"{before.value} -> {found.to.value}: {report.outcome}; {report.message}"
            if waive:
                detail += f"; waived: {', '.join(waive)}"
            await self._store.audit(actor=actor, action=event.value, detail=detail, now=self._clock())
        if event in _FLIPS:
            self._metrics.cutovers.inc(event.value, report.outcome)
        _log.info("phase move", move=event.value, outcome=report.outcome, message=report.message, actor=actor)
        return report

    def _legal(self, before: Phase, event: Event) -> Move:
        found = move(before, event)
        if found is None:
            targets = ", ".join(phase.value for phase in legal_targets(before)) or "none"
            raise PreconditionFailedError(
                f"{event.value} is not possible in phase {before.value}", hint=f"Phases reachable now: {targets}."
            )
        missing = [side.value for side in Side if side not in self._backends]
        if missing:
            raise PreconditionFailedError(
                f"there is no {missing[0]} server", hint=f"Set {missing[0]}.url in the configuration and restart."
            )
        return found

    async def _plan(self, event: Event, before: Phase, found: Move, waive: Sequence[str]) -> MoveReport:
        steps = tuple(StepReport(step.value, "planned") for step in found.steps)
        gates = await self._gates.look(found.to.serving, waive) if Step.CHECK_GATES in found.steps else ()
        stops = [gate.name for gate in gates if gate.stops]
        if Step.REQUIRE_FOLLOWING in found.steps and not gates:
            try:
                await self._require_following(found.to, waive)
            except PreconditionFailedError as error:
                stops = [error.message]
        now = f"would be stopped now by: {', '.join(stops)}" if stops else "nothing stands in the way now"
        return MoveReport(event.value, before.value, found.to.value, True, steps, gates, 0.0, "planned", now)

    async def _carry_out(
        self, event: Event, before: Phase, found: Move, max_hold_s: float, waive: Sequence[str]
    ) -> MoveReport:
        reports: list[StepReport] = []
        gates: list[GateReport] = []
        held_from: float | None = None
        outcome: MoveOutcome = "done"
        message = f"phase is now {found.to.value}; {found.to.serving.value} serves"
        try:
            for step in found.steps:
                began = perf_counter()
                if step is Step.HOLD_WRITES:
                    held_from = began
                left = None if held_from is None else max_hold_s - (began - held_from)
                try:
                    work = self._do(step, before, found, max_hold_s, waive, gates)
                    detail = await asyncio.wait_for(work, left) if _may_time_out(step) else await work
                except asyncio.TimeoutError:
                    raise _AbortedError(f"not finished within {max_hold_s:g} s: {step.value}") from None
                except TightropeError as error:
                    raise _AbortedError(f"{step.value}: {error.message}") from error
                reports.append(StepReport(step.value, "done", detail, perf_counter() - began))
        except _AbortedError as error:
            outcome = "aborted" if held_from is not None else "refused"
            message = f"{error}; phase stays {self._current.phase.value}"
            reports.append(StepReport(found.steps[len(reports)].value, "failed", str(error)))
        finally:
            self._gate.release()
        reports += [StepReport(step.value, "skipped") for step in found.steps[len(reports) :]]
        held_s = perf_counter() - held_from if held_from is not None else 0.0
        if held_from is not None:
            self._metrics.hold.observe(held_s)
        return MoveReport(
            event.value, before.value, found.to.value, False, tuple(reports), tuple(gates), held_s, outcome, message
        )

    async def _do(
        self,
        step: Step,
        before: Phase,
        found: Move,
        max_hold_s: float,
        waive: Sequence[str],
        gates: list[GateReport],
    ) -> str:
        """One step; returns what there is to say about it. Safe to repeat."""
        if step is Step.REQUIRE_FOLLOWING:
            return await self._require_following(found.to, waive)
        if step is Step.HOLD_WRITES:
            self._gate.hold(max_hold_s + 1.0)
        elif step is Step.WAIT_IN_FLIGHT:
            return await self._until(self._gate.until_idle(), "in_flight" in waive, max_hold_s)
        elif step is Step.DRAIN:
            return await self._until(self._mirror.drained(before), "delivered" in waive, max_hold_s)
        elif step is Step.CHECK_GATES:
            gates += await self._gates.look(found.to.serving, waive)
            stops = [f"{gate.name} is {gate.value}, must be {gate.threshold}" for gate in gates if gate.stops]
            if stops:
                raise _AbortedError("; ".join(stops))
        elif step is Step.RESERVE_IDS:
            return await self._reserve_ids(before.serving)
        elif step is Step.STORE_PHASE:
            await self._store.save(
                found.to, actor="tightrope", action="phase", detail=found.to.value, now=self._clock()
            )
            self._current.phase = found.to
            self._metrics.set_phase(found.to)
            self._mirror.wake()
        elif step is Step.CLOSE_WINDOW:
            closed = await self._journal.close_window("window_closed")
            self._metrics.mirror_skipped.inc("window_closed", by=closed)
            await self._mirror.forget()
            return f"{closed} records"
        elif step is Step.RELEASE:
            self._gate.release()
        return ""

    @staticmethod
    async def _until(work: Awaitable[None], waived: bool, max_hold_s: float) -> str:
        """Wait for something; where its gate is waived, for a third of the time that clients may wait.

        A side that died while it served can neither end its writes nor give its artifacts, and a rollback is most
        wanted then. What is left over is parked, never dropped.
        """
        if not waived:
            await work
            return ""
        try:
            await asyncio.wait_for(work, max_hold_s / 3)
        except asyncio.TimeoutError:
            return "not finished, waived"
        return ""

    async def _require_following(self, to: Phase, waive: Sequence[str]) -> str:
        """The side that must answer: the one that will serve, or the one that will follow."""
        side = to.serving if to.serving is not self._current.phase.serving else to.serving.other
        if "healthy" not in waive and not await self._backends[side].healthy():
            raise PreconditionFailedError(f"the {side.value} server does not answer")
        return f"{side.value} {self._backends[side].version or ''}".strip()

    async def _reserve_ids(self, serving: Side) -> str:
        """Public experiment ids in use on the side that stops serving must not be minted anew by the other."""
        call = Call("SearchExperiments", {"view_type": "ALL", "max_results": 1000, "order_by": ["experiment_id DESC"]})
        try:
            answer = await asyncio.wait_for(self._clients[serving].ask(call), _RESERVE_TIMEOUT_S)
        except (TightropeError, asyncio.TimeoutError):
            answer = None
        if answer is None or not answer.ok:
            # It is down or too old to say; the former is a good reason to leave it. What the id map knows must do.
            return f"{serving.value} does not list its experiments; ids known so far stay reserved"
        found = [str(each["experiment_id"]) for each in parsed(answer.body).get("experiments") or []]
        numbers = [int(each) for each in found if each.isdecimal() and int(each) < _PLAIN_NUMBER_LIMIT]
        highest = max(numbers, default=0)
        await self._reserve(highest)
        return f"up to {highest}"


def _may_time_out(step: Step) -> bool:
    """Storing the phase is never given up half-way: whether it happened must be known."""
    return step not in {Step.STORE_PHASE, Step.CLOSE_WINDOW, Step.RELEASE}
