"""JSON in and out of the operator API: what requests may say, and how records and problems are shown."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from proxy.core.cutover import Phase
from proxy.core.messages import Side
from proxy.core.records import WriteRecord
from proxy.core.writes import State
from proxy.errors import RequestError

_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Seq = Annotated[int, Field(ge=1, lt=2**63)]
_Gate = Annotated[str, Field(min_length=1, max_length=100)]


class Body(BaseModel):
    """What all bodies share: unknown keys are refused, because a mistyped ``dry_run`` must not do the real thing."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class MoveBody(Body):
    """``{"dry_run": true, "max_hold_s": 10, "waive": ["parked"]}``, every key optional."""

    dry_run: bool = False
    max_hold_s: _Seconds | None = None
    waive: tuple[_Gate, ...] = Field(default=(), strict=False, max_length=50)


class PhaseBody(MoveBody):
    """As ``MoveBody``, with the phase to go to."""

    to: Phase = Field(strict=False)


class HoldBody(Body):
    """``{"max_s": 60}``; without it, the configured limit."""

    max_s: _Seconds | None = None


class RetryBody(Body):
    """``{"seqs": [7, 9]}``; null or nothing: every parked record."""

    seqs: tuple[_Seq, ...] | None = Field(default=None, strict=False, max_length=10000)


class SkipBody(Body):
    """``{"seqs": [7], "reason": "the experiment is gone"}``; the reason stands in the audit log."""

    seqs: tuple[_Seq, ...] = Field(strict=False, min_length=1, max_length=10000)
    reason: str = Field(min_length=1, max_length=200)


class JournalQuery(Body):
    """``?state=parked&state=in_doubt&after=100&limit=50``."""

    model_config = ConfigDict(strict=False)

    state: tuple[State, ...] = ()
    after: int = Field(default=0, ge=0, lt=2**63)
    limit: int = Field(default=100, ge=1, le=1000)


class AuditQuery(Body):
    """``?limit=50``."""

    model_config = ConfigDict(strict=False)

    limit: int = Field(default=100, ge=1, le=1000)


AnyBody = TypeVar("AnyBody", bound=Body)


async def read_body(request: web.Request, kind: type[AnyBody]) -> AnyBody:
    """The request's JSON body; nothing at all counts as ``{}``.

    Raises:
        RequestError: it is not JSON or not of this shape; the message lists every problem.
    """
    raw = await request.read()
    try:
        data = orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError as exc:
        raise RequestError(f"the body is not valid JSON: {exc}") from exc
    return _checked(kind, data)


def read_query(request: web.Request, kind: type[AnyBody]) -> AnyBody:
    """The query as a checked value; a key that may stand several times becomes a list.

    Raises:
        RequestError: as ``read_body``.
    """
    return _checked(
        kind, {key: request.query.getall(key) if key == "state" else request.query[key] for key in request.query}
    )


def _checked(kind: type[AnyBody], data: Any) -> AnyBody:
    try:
        return kind.model_validate(data)
    except ValidationError as exc:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in found['loc']) or 'body'}: {found['msg']}" for found in exc.errors()
        )
        raise RequestError(problems, hint=f"known keys: {', '.join(kind.model_fields)}") from exc


def record_json(record: WriteRecord, *, full: bool) -> dict[str, Any]:
    """A record for people and scripts; ``full`` adds the request and, for creates, the answer."""
    intent = record.intent
    shown: dict[str, Any] = {
        "seq": record.seq,
        "state": record.state.value,
        "operation": intent.operation,
        "served_by": Side(intent.side).value,
        "lane": intent.lane,
        "received_at": record.received_at,
        "answered_at": record.answered_at,
        "status": record.status,
        "attempts": record.attempts,
        "reason": record.reason,
        "detail": record.detail,
        "request_id": intent.request_id,
    }
    if full:
        shown["after"] = list(intent.after)
        shown["fence"] = intent.fence
        shown["request"] = {
            "method": intent.request.method,
            "path": intent.request.path,
            "query": intent.request.query,
            "headers": dict(intent.request.headers),
            "body": _body_json(intent.request.body),
        }
        shown["answer"] = _body_json(record.answer)
    return shown


def _body_json(body: bytes) -> Any:
    """A body as JSON where it is JSON, else as text; None when there is none."""
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
