"""A running proxy as the operator API sees it, with every call recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from proxy.core.cutover import Event, Phase
from proxy.core.messages import Request, Side
from proxy.core.records import Intent, WriteRecord
from proxy.core.reports import GateReport, LossReport, MoveReport, StepReport
from proxy.core.writes import State
from proxy.services.census import ClientSeen
from proxy.services.outlook_view import Need, Outlook
from proxy.services.status import HoldView, SideView, StatusView

STATUS = StatusView(
    version="0.1.0",
    started_at=1_700_000_000.0,
    phase="mirroring",
    serving="blue",
    following="green",
    hold=HoldView(),
    lag_s=75.0,
    journal={"answered": 2, "parked": 1},
    journal_bytes=2048,
    in_doubt=0,
    parked=1,
    open_divergences={"run": 1},
    sides={"blue": SideView("http://blue", "2.22.4", True), "green": SideView("http://green", None, False)},
    clients=(
        ClientSeen(
            "python", "2.9.2", 12, 3, 1_700_000_100.0, 1_700_000_000.0, 1, 1_700_000_050.0, {"answer_version": 3}
        ),
    ),
    problems=("green (http://green) does not answer its health check; it does not serve clients now",),
    outlook=(
        Outlook(
            "green",
            "3.17.2",
            (Need("python", "2.9.2", ("CreateRun",), 1, 1_700_000_050.0),),
            (),
            (),
            "With green (3.17.2) serving, 1 client still needs Tightrope: python 2.9.2 (CreateRun; last at …).",
        ),
    ),
)

REPORT = MoveReport(
    event="cutover",
    from_phase="mirroring",
    to_phase="mirroring_back",
    dry_run=False,
    steps=(StepReport("hold new writes at the proxy", "done", "", 0.001),),
    gates=(GateReport("parked", "0", "0", True),),
    held_s=0.4,
    outcome="done",
    message="green serves clients now",
    losses=(LossReport("trace", 12, "a 1.x server has no traces"),),
)


def record(seq: int, state: State = State.PARKED, body: bytes = b'{"run_id": "r1"}') -> WriteRecord:
    """A journal record."""
    request = Request("POST", "/api/2.0/mlflow/runs/log-metric", "", (("user-agent", "x"),), body)
    intent = Intent("LogMetric", Side.BLUE, "run:r1", (), False, request, "req-1")
    return WriteRecord(seq, state, intent, 1_700_000_000.0, 1_700_000_001.0, 200, b"", 3, "rejected", "green said 400")


class FakeOperator:
    """Fits ``proxy.web.operator_api.Operator``; what it answers can be set, what it was asked is in ``calls``."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.view = STATUS
        self.report = REPORT
        self.error: Exception | None = None
        self.records = [record(7), record(9)]
        self.is_ready = True

    def _note(self, *call: object) -> None:
        self.calls.append(call)
        if self.error is not None:
            raise self.error

    def set_phase(self, phase: Phase) -> None:
        """Put it into ``phase``."""
        self.view = replace(self.view, phase=phase.value, serving=phase.serving.value)

    async def status(self) -> StatusView:
        return self.view

    async def move(
        self, event: Event, *, actor: str, dry_run: bool, max_hold_s: float | None, waive: Sequence[str]
    ) -> MoveReport:
        self._note("move", event, actor, dry_run, max_hold_s, tuple(waive))
        outcome = "planned" if dry_run and self.report.outcome == "done" else self.report.outcome
        return replace(self.report, event=event.value, dry_run=dry_run, outcome=outcome)

    async def hold(self, max_s: float | None, actor: str) -> HoldView:
        self._note("hold", max_s, actor)
        return HoldView(True, 0, 1_700_000_000.0)

    async def release(self, actor: str) -> HoldView:
        self._note("release", actor)
        return HoldView()

    async def journal_list(self, states: Sequence[State], *, after: int, limit: int) -> Sequence[WriteRecord]:
        self._note("journal_list", tuple(states), after, limit)
        return [each for each in self.records if each.seq > after][:limit]

    async def journal_show(self, seq: int) -> WriteRecord | None:
        return next((each for each in self.records if each.seq == seq), None)

    async def journal_retry(self, seqs: Sequence[int] | None, actor: str) -> int:
        self._note("journal_retry", None if seqs is None else tuple(seqs), actor)
        return 2 if seqs is None else len(seqs)

    async def journal_skip(self, seqs: Sequence[int], reason: str, actor: str) -> int:
        self._note("journal_skip", tuple(seqs), reason, actor)
        return len(seqs)

    async def audit_log(self, limit: int) -> Sequence[Mapping[str, object]]:
        self._note("audit_log", limit)
        return [{"at": 1.0, "actor": "ann", "action": "hold", "detail": ""}]

    async def ready(self) -> tuple[bool, Mapping[str, object]]:
        return self.is_ready, {"blue": "answers"}
