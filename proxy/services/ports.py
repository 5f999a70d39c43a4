"""What the services need from the outside, as Protocols.

``storage`` and ``backends`` fit these structurally and import nothing from here; only ``wiring`` knows both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

from proxy.core.cutover import Phase
from proxy.core.messages import Headers, Request, Response, Side
from proxy.core.mlflow_version import Version
from proxy.core.records import IdEntry, Intent, Outcome, Pending, Recovery, WriteRecord
from proxy.core.writes import State

Clock = Callable[[], float]
"""Seconds since the epoch."""


class JournalStore(Protocol):
    """Where write records live. Every method raises ``StorageError`` when the store fails."""

    async def append(self, intent: Intent, now: float) -> int:
        """Store a write in state RECEIVED and return its position.

        Returns once the record survives ``kill -9`` of this process. Positions rise and are never reused.

        Raises:
            JournalUnavailableError: it cannot be stored (disk full, database gone); nothing was stored.
        """
        ...

    async def durable(self, seq: int) -> None:
        """Return once the record at ``seq`` survives loss of power (at once where durability is ``process``)."""
        ...

    async def answered(self, seq: int, outcome: Outcome, now: float) -> None:
        """Record what became of a write, and the ids learned from it, in one transaction.

        Moves the record from RECEIVED (or IN_DOUBT) to ``outcome.state``.
        """
        ...

    async def delivered(
        self,
        seq: int,
        state: State,
        *,
        reason: str = "",
        detail: str = "",
        learned: Sequence[IdEntry] = (),
    ) -> None:
        """Move a record to MIRRORED, PARKED, SKIPPED or REJECTED, and record learned ids, in one transaction."""
        ...

    async def attempt(self, seq: int) -> int:
        """Count one more delivery as begun; returns the new number of attempts."""
        ...

    async def reopen(self, seqs: Sequence[int] | None = None) -> list[Pending]:
        """Parked records (all, or those named) become ANSWERED (or IN_DOUBT when no answer is known) again."""
        ...

    async def skip(self, seqs: Sequence[int], reason: str) -> int:
        """Parked or pending records become SKIPPED with that reason; returns how many did."""
        ...

    async def close_window(self, reason: str) -> int:
        """Every record that is not final becomes SKIPPED with that reason; returns how many did."""
        ...

    async def pending(self, after_seq: int, limit: int) -> list[Pending]:
        """Records in RECEIVED, ANSWERED or IN_DOUBT beyond ``after_seq``, in order of position."""
        ...

    async def read(self, seq: int) -> WriteRecord | None:
        """One record in full."""
        ...

    async def listing(self, states: Sequence[State], *, after_seq: int = 0, limit: int = 100) -> list[WriteRecord]:
        """Records in any of ``states`` beyond ``after_seq``, in order of position."""
        ...

    async def parked_creates(self) -> set[str]:
        """Lanes of the objects whose create is parked; what depends on them cannot be delivered."""
        ...

    async def counts(self) -> Mapping[State, int]:
        """How many records are in each state."""
        ...

    async def oldest_pending(self) -> float | None:
        """``answered_at`` of the oldest ANSWERED (or ``received_at`` of the oldest IN_DOUBT) record."""
        ...

    async def size_bytes(self) -> int:
        """Bytes that the state takes on disk."""
        ...

    async def recover(self) -> Recovery:
        """At start: RECEIVED becomes IN_DOUBT."""
        ...


class IdStore(Protocol):
    """The id map. ``kind`` is as in :class:`IdEntry`."""

    async def by_public(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], IdEntry]:
        """Entries for ``(kind, public id)`` pairs; unknown ones are absent."""
        ...

    async def by_local(self, side: Side, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], IdEntry]:
        """Entries for ``(kind, local id on side)`` pairs; unknown ones are absent."""
        ...

    async def put(self, entries: Sequence[IdEntry]) -> None:
        """Insert or complete entries; a known local id is replaced only by another non-null one."""
        ...

    async def differs(self, side: Side) -> bool:
        """Whether any entry's local id on ``side`` is not its public id."""
        ...

    async def highest_number(self, kind: str, prefix: str = "") -> int:
        """The largest public id after ``prefix`` that is a plain decimal number below 10**12; 0 when there is none."""
        ...


class PhaseStore(Protocol):
    """The phase, small facts that must survive a restart, and the audit log."""

    async def load(self) -> Phase | None:
        """The stored phase, None in a new state."""
        ...

    async def save(self, phase: Phase, *, actor: str, action: str, detail: str, now: float) -> None:
        """Store the phase and an audit entry in one transaction, durably."""
        ...

    async def audit(self, *, actor: str, action: str, detail: str, now: float) -> None:
        """Add an audit entry."""
        ...

    async def audit_log(self, limit: int = 100) -> list[dict[str, object]]:
        """The newest entries, newest first: ``{"at", "actor", "action", "detail"}``."""
        ...

    async def get_fact(self, name: str) -> str | None:
        """A small stored fact."""
        ...

    async def set_fact(self, name: str, value: str) -> None:
        """Store a small fact, durably."""
        ...


class UpstreamAnswer(Protocol):
    """A tracking server's answer whose body has not been read yet. Must be closed."""

    status: int
    headers: Headers

    async def read(self) -> bytes:
        """The whole body."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body piece by piece."""
        ...

    async def close(self) -> None:
        """Give the connection back (body fully read) or drop it."""
        ...


class Backend(Protocol):
    """One tracking server."""

    side: Side
    version: Version | None
    """As configured or detected; None while it has never answered."""
    workspaces: bool
    """Whether the server has workspaces, or may have."""

    async def open(
        self, request: Request, *, body: AsyncIterator[bytes] | None = None, length: int | None = None
    ) -> UpstreamAnswer:
        """Send a request and return as soon as the head of the answer is there.

        Args:
            request: local ids, the server's dialect, clean headers. Its body is sent unless ``body`` is given.
            body: a streamed body of exactly ``length`` bytes.
            length: bytes in ``body``.

        Raises:
            NotReachedError: no connection; nothing was sent.
            OutcomeUnknownError, UpstreamTimeoutError: sent, and no answer came.
        """
        ...

    async def call(self, request: Request) -> Response:
        """Send one of *our own* requests (mirror, sync, probes) with this side's credential; body read in full.

        Raises: as ``open``.
        """
        ...

    async def open_own(
        self, request: Request, *, body: AsyncIterator[bytes] | None = None, length: int | None = None
    ) -> UpstreamAnswer:
        """As ``open``, with this side's own credential (artifact copies)."""
        ...

    async def healthy(self) -> bool:
        """Whether the server answers its health check; detects the version on the way. Never raises."""
        ...

    def look_again(self) -> None:
        """Another server may be behind the URL now: the next health check finds out which."""
        ...


class BodySource(Protocol):
    """The body of a client's request, not read yet."""

    length: int | None
    """As declared; None when it is chunked, 0 when there is none."""

    async def read(self, limit: int) -> bytes:
        """The whole body.

        Raises:
            BodyTooLargeError: more than ``limit`` bytes.
            ClientGoneError: the client went away before the end.
        """
        ...

    async def sized(self) -> tuple[AsyncIterator[bytes], int]:
        """The body as a stream of known length; a chunked one is spooled to a temporary file first.

        Source: uvicorn servers of MLflow 3.3 to 3.17 lose chunked bodies, so every upstream body has a length.
        """
        ...


class MirrorFeed(Protocol):
    """Where the recorder tells the mirror what happens to records, in the order in which it happens."""

    def opened(self, record: Pending) -> None:
        """A record was appended (state RECEIVED)."""
        ...

    def closed(self, seq: int, state: State, lane: str) -> None:
        """Its outcome was recorded; ``lane`` is where it stands now."""
        ...
