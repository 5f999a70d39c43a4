"""What became of a delivery to the following side."""

from __future__ import annotations

from dataclasses import dataclass

from proxy.core.backoff import TRY_LATER
from proxy.core.messages import Response
from proxy.core.records import IdEntry, WriteRecord
from proxy.core.writes import State
from proxy.errors import ServerFailedError, UpstreamError


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a delivery: the record's next state, why, and the ids learned from it."""

    state: State
    reason: str = ""
    detail: str = ""
    learned: tuple[IdEntry, ...] = ()


def judged(record: WriteRecord, answer: Response) -> Delivered:
    """What a refusal by the following side means.

    Raises:
        UpstreamError: nothing yet, it is worth another try.
    """
    text = answer.body[:500].decode("utf-8", "replace")
    if answer.status in TRY_LATER:
        raise UpstreamError(f"the following side answered {answer.status}")
    if answer.status >= 500:
        raise ServerFailedError(f"the following side answered {answer.status}: {text}")
    detail = f"serving side: {record.status}; following side: {answer.status} {text}"
    return Delivered(State.PARKED, "rejected", detail)
