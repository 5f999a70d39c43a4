"""Rows of the journal as the core's records, and back.

Whatever a row holds that this program cannot read (a damaged request, a state from the future) becomes a
``StorageError`` that names the record.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from proxy.core import record_format
from proxy.core.messages import Side
from proxy.core.records import Intent, Pending, WriteRecord
from proxy.core.writes import State
from proxy.errors import StorageError

PENDING_COLUMNS = "r.seq, r.state, r.operation, r.side, r.lane, r.after, r.fence, r.received_at, r.answered_at"
RECORD_COLUMNS = f"{PENDING_COLUMNS}, r.status, r.attempts, r.reason, r.detail, b.request, b.answer"
SELECT_PENDING = f"SELECT {PENDING_COLUMNS} FROM records r"  # noqa: S608  # fixed column names
SELECT_RECORD = f"SELECT {RECORD_COLUMNS} FROM records r JOIN bodies b USING (seq)"  # noqa: S608  # fixed column names

Row = Sequence[Any]


def after_text(after: Sequence[str]) -> str:
    """Lanes as stored: ``["experiment:12"]``, and nothing at all for the usual none."""
    return json.dumps(after) if after else ""


def pending(row: Row) -> Pending:
    """The light form from ``PENDING_COLUMNS``."""
    seq, state, operation, side, lane, after, fence, received_at, answered_at = row
    try:
        return Pending(
            seq=seq,
            state=State(state),
            operation=operation,
            side=Side(side),
            lane=lane,
            after=tuple(json.loads(after)) if after else (),
            fence=bool(fence),
            received_at=received_at,
            answered_at=answered_at,
        )
    except ValueError as exc:
        raise StorageError(f"journal record {seq} cannot be read: {exc}") from exc


def record(row: Row) -> WriteRecord:
    """The full form from ``RECORD_COLUMNS``."""
    light = pending(row[:9])
    status, attempts, reason, detail, stored, answer = row[9:]
    try:
        request, request_id = record_format.decode(stored)
    except ValueError as exc:
        raise StorageError(f"journal record {light.seq} cannot be read: {exc}") from exc
    return WriteRecord(
        seq=light.seq,
        state=light.state,
        intent=Intent(light.operation, light.side, light.lane, light.after, light.fence, request, request_id),
        received_at=light.received_at,
        answered_at=light.answered_at,
        status=status,
        answer=answer,
        attempts=attempts,
        reason=reason,
        detail=detail,
    )
