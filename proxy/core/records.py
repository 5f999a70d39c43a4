"""The write record: one client write as the journal keeps it.

A record holds the request as the *client* sent it, in the client's dialect and with public ids, so that it means the
same whichever side it is delivered to later. Credentials never get in: headers pass an allow-list.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from proxy.core.messages import Headers, Request, Side
from proxy.core.writes import State

KEPT_HEADERS = frozenset(
    {
        "content-type",
        "content-encoding",
        "user-agent",
        "x-mlflow-experiment-id",
        "x-mlflow-run-id",
        "x-mlflow-workspace",
    }
)
"""The only request headers that a record keeps (promise 8: no credential is written to the journal)."""


@dataclass(frozen=True, slots=True)
class IdEntry:
    """What is known of one object's ids.

    ``kind`` is ``token`` (run, logged model, dataset, version-2 trace: long random tokens), ``experiment``, or
    ``model_version`` (ids ``NAME/NUMBER``). ``public`` is what clients call it, ``blue`` and ``green`` what each
    server calls it; None while unknown.
    """

    kind: str
    public: str
    blue: str | None = None
    green: str | None = None

    def local(self, side: Side) -> str | None:
        """The id on ``side``, None while it is unknown."""
        return self.blue if side is Side.BLUE else self.green


def id_entry(kind: str, public: str, side: Side, local: str) -> IdEntry:
    """An entry that knows one side."""
    return IdEntry(kind, public, blue=local) if side is Side.BLUE else IdEntry(kind, public, green=local)


@dataclass(frozen=True, slots=True)
class Intent:
    """What is journaled before a write is forwarded.

    Attributes:
        operation: the catalogue's name.
        side: the side that serves it; it is delivered to the other one.
        lane: the queue it stands in, e.g. ``run:0f3c…``; empty for a create until its answer names the object.
        after: further lanes that must be drained up to this record before it is delivered.
        fence: see ``Operation.fence``.
        request: as the client sent it, public ids, allow-listed headers; an artifact write has no body.
        request_id: ours, for logs.
    """

    operation: str
    side: Side
    lane: str
    after: tuple[str, ...]
    fence: bool
    request: Request
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a write on the serving side.

    ``status`` is the HTTP status (0: none came). ``answer`` is the JSON body with public ids, kept where
    the mirrored call is built from it.
    ``lane`` is set for creates: the queue of the object that now exists. ``learned`` are ids to be recorded in the
    same transaction.
    """

    state: State
    status: int = 0
    answer: bytes = b""
    lane: str = ""
    learned: tuple[IdEntry, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """The light form of a record that the mirror schedules by; no body."""

    seq: int
    state: State
    operation: str
    side: Side
    lane: str
    after: tuple[str, ...]
    fence: bool
    received_at: float
    answered_at: float | None = None


@dataclass(frozen=True, slots=True)
class WriteRecord:
    """A record in full.

    ``received_at`` and ``answered_at`` are seconds since the epoch. ``reason`` is a short label from a bounded set,
    ``detail`` text for people (for a parked record: both sides' answers). ``attempts`` counts deliveries that failed.
    """

    seq: int
    state: State
    intent: Intent
    received_at: float
    answered_at: float | None = None
    status: int = 0
    answer: bytes = b""
    attempts: int = 0
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a restart found: counts by state before anything was changed, and how many became IN_DOUBT."""

    counts: dict[str, int] = field(default_factory=dict)
    made_in_doubt: int = 0


def kept(headers: Headers) -> Headers:
    """The headers that may be journaled."""
    return tuple((name, value) for name, value in headers if name.lower() in KEPT_HEADERS)
