"""What operators and their tools call, on the admin listener.

    GET  /metrics /healthz /readyz                       Prometheus, liveness, readiness (503 with the reason)
    GET  /api/v1/status /api/v1/phase                    the StatusView; the phase and where it can go
    POST /api/v1/phase     {"to": "mirroring", …}        a move, as are
    POST /api/v1/cutover   {"dry_run": true, "max_hold_s": 10, "waive": ["parked"]}
    POST /api/v1/rollback  (the same)                    answer: the MoveReport; 409 when refused or aborted
    POST /api/v1/hold      {"max_s": 60}                 answer: the HoldView, as for
    POST /api/v1/release
    GET  /api/v1/journal?state=parked&after=0&limit=100  GET /api/v1/journal/7
    POST /api/v1/journal/retry {"seqs": [7] or null}     POST /api/v1/journal/skip {"seqs": [7], "reason": "…"}
    GET  /api/v1/audit?limit=100

Errors are ``{"error_code", "message", "hint"}``. A request whose client goes away is carried out to its end (aiohttp
does not cancel handlers), so a cutover never hangs on a closed laptop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web

from proxy.core.cutover import Event, Phase, event_towards, legal_targets
from proxy.core.records import WriteRecord
from proxy.core.reports import MoveReport
from proxy.core.writes import State
from proxy.errors import PreconditionFailedError
from proxy.observe.metrics import CONTENT_TYPE, Metrics
from proxy.services.status import HoldView, StatusView
from proxy.web.operator_bodies import (
    AuditQuery,
    HoldBody,
    JournalQuery,
    MoveBody,
    PhaseBody,
    RetryBody,
    SkipBody,
    read_body,
    read_query,
    record_json,
)
from proxy.web.operator_guard import actor_of, error_response, guard, json_response, render_errors

OPEN_STATES = tuple(state for state in State if not state.final)
_MAX_BODY_BYTES = 1024 * 1024


class Operator(Protocol):
    """What the API needs from the running proxy. ``actor`` goes into the audit log."""

    async def status(self) -> StatusView:
        """The view of now."""
        ...

    async def move(
        self, event: Event, *, actor: str, dry_run: bool, max_hold_s: float | None, waive: Sequence[str]
    ) -> MoveReport:
        """Carry out, or plan, a move between phases. ``max_hold_s`` None: as configured.

        Raises:
            PreconditionFailedError: the event is not legal now, another move is under way, or a waived gate is unknown.
        """
        ...

    async def hold(self, max_s: float | None, actor: str) -> HoldView:
        """Make clients' writes wait, for at most ``max_s`` (None: as configured)."""
        ...

    async def release(self, actor: str) -> HoldView:
        """Let them go on; harmless when none waits."""
        ...

    async def journal_list(self, states: Sequence[State], *, after: int, limit: int) -> Sequence[WriteRecord]:
        """Records in any of ``states`` beyond position ``after``, in order."""
        ...

    async def journal_show(self, seq: int) -> WriteRecord | None:
        """One record, None where there is none."""
        ...

    async def journal_retry(self, seqs: Sequence[int] | None, actor: str) -> int:
        """Reopen parked records (all when None); returns how many."""
        ...

    async def journal_skip(self, seqs: Sequence[int], reason: str, actor: str) -> int:
        """Close records as skipped; returns how many."""
        ...

    async def audit_log(self, limit: int) -> Sequence[Mapping[str, object]]:
        """The newest entries, newest first."""
        ...

    async def ready(self) -> tuple[bool, Mapping[str, object]]:
        """Whether clients can be served, and the details as a JSON object."""
        ...


def operator_app(operator: Operator, metrics: Metrics, token: str | None) -> web.Application:
    """The application of the admin listener; ``token`` None: this machine only (see ``operator_guard``)."""
    api = _Api(operator, metrics)
    app = web.Application(middlewares=[render_errors, guard(token)], client_max_size=_MAX_BODY_BYTES)
    app.add_routes(
        [
            web.get("/metrics", api.metrics),
            web.get("/healthz", api.healthz),
            web.get("/readyz", api.readyz),
            web.get("/api/v1/status", api.status),
            web.get("/api/v1/phase", api.get_phase),
            web.post("/api/v1/phase", api.post_phase),
            web.post("/api/v1/cutover", api.cutover),
            web.post("/api/v1/rollback", api.rollback),
            web.post("/api/v1/hold", api.hold),
            web.post("/api/v1/release", api.release),
            web.get("/api/v1/journal", api.journal_list),
            web.get(r"/api/v1/journal/{seq:\d{1,18}}", api.journal_show),
            web.post("/api/v1/journal/retry", api.journal_retry),
            web.post("/api/v1/journal/skip", api.journal_skip),
            web.get("/api/v1/audit", api.audit),
        ]
    )
    return app


class _Api:
    """The handlers."""

    def __init__(self, operator: Operator, metrics: Metrics) -> None:
        self._operator = operator
        self._metrics = metrics

    async def metrics(self, _request: web.Request) -> web.Response:
        await self._metrics.refresh()
        return web.Response(body=self._metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    async def healthz(self, _request: web.Request) -> web.Response:
        return json_response({"status": "alive"})

    async def readyz(self, _request: web.Request) -> web.Response:
        ready, detail = await self._operator.ready()
        return json_response({"ready": ready, **detail}, 200 if ready else 503)

    async def status(self, _request: web.Request) -> web.Response:
        return json_response((await self._operator.status()).to_json())

    async def get_phase(self, _request: web.Request) -> web.Response:
        phase = Phase((await self._operator.status()).phase)
        targets = [target.value for target in legal_targets(phase)]
        return json_response({"phase": phase.value, "serving": phase.serving.value, "targets": targets})

    async def post_phase(self, request: web.Request) -> web.Response:
        body = await read_body(request, PhaseBody)
        phase = Phase((await self._operator.status()).phase)
        if phase is body.to:
            return json_response(_already_there(phase, body).to_json())
        event = event_towards(phase, body.to)
        if event is None:
            targets = ", ".join(target.value for target in legal_targets(phase)) or "nowhere"
            raise PreconditionFailedError(
                f"there is no way from {phase.value} to {body.to.value} in one move", hint=f"from here: {targets}"
            )
        return await self._move(request, event, body)

    async def cutover(self, request: web.Request) -> web.Response:
        return await self._move(request, Event.CUTOVER, await read_body(request, MoveBody))

    async def rollback(self, request: web.Request) -> web.Response:
        return await self._move(request, Event.ROLLBACK, await read_body(request, MoveBody))

    async def _move(self, request: web.Request, event: Event, body: MoveBody) -> web.Response:
        report = await self._operator.move(
            event, actor=actor_of(request), dry_run=body.dry_run, max_hold_s=body.max_hold_s, waive=body.waive
        )
        if report.outcome in {"done", "planned"}:
            return json_response(report.to_json())
        error = {"error_code": PreconditionFailedError.code, "hint": "the report lists each step and gate"}
        return json_response({**report.to_json(), **error}, PreconditionFailedError.http_status)

    async def hold(self, request: web.Request) -> web.Response:
        body = await read_body(request, HoldBody)
        return json_response(await self._operator.hold(body.max_s, actor_of(request)))

    async def release(self, request: web.Request) -> web.Response:
        return json_response(await self._operator.release(actor_of(request)))

    async def journal_list(self, request: web.Request) -> web.Response:
        query = read_query(request, JournalQuery)
        found = await self._operator.journal_list(query.state or OPEN_STATES, after=query.after, limit=query.limit)
        more = found[-1].seq if len(found) == query.limit else None
        return json_response({"records": [record_json(record, full=False) for record in found], "next_after": more})

    async def journal_show(self, request: web.Request) -> web.Response:
        seq = int(request.match_info["seq"])
        record = await self._operator.journal_show(seq)
        if record is None:
            hint = "delivered records are removed after journal.keep_delivered_s"
            return error_response(404, "RESOURCE_DOES_NOT_EXIST", f"the journal has no record {seq}", hint)
        return json_response(record_json(record, full=True))

    async def journal_retry(self, request: web.Request) -> web.Response:
        body = await read_body(request, RetryBody)
        return json_response({"reopened": await self._operator.journal_retry(body.seqs, actor_of(request))})

    async def journal_skip(self, request: web.Request) -> web.Response:
        body = await read_body(request, SkipBody)
        return json_response({"skipped": await self._operator.journal_skip(body.seqs, body.reason, actor_of(request))})

    async def audit(self, request: web.Request) -> web.Response:
        query = read_query(request, AuditQuery)
        return json_response({"entries": list(await self._operator.audit_log(query.limit))})


def _already_there(phase: Phase, body: MoveBody) -> MoveReport:
    return MoveReport(
        event="none",
        from_phase=phase.value,
        to_phase=phase.value,
        dry_run=body.dry_run,
        steps=(),
        gates=(),
        held_s=0.0,
        outcome="planned" if body.dry_run else "done",
        message=f"nothing to do: the phase is {phase.value} already",
    )
