"""The three stores in memory, for fast tests of the services; they pass the same contract suite as the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from proxy.core.cutover import Phase
from proxy.core.messages import Side
from proxy.core.records import IdEntry, Intent, Outcome, Pending, Recovery, WriteRecord
from proxy.core.writes import State, may_move
from proxy.errors import StorageError


class MemoryIdStore:
    """``IdStore`` in a dict."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], IdEntry] = {}

    async def by_public(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], IdEntry]:
        return {key: self.entries[key] for key in keys if key in self.entries}

    async def by_local(self, side: Side, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], IdEntry]:
        known: dict[tuple[str, str], IdEntry] = {}
        for _, entry in sorted(self.entries.items()):
            local = entry.local(side)
            if local is not None:
                known.setdefault((entry.kind, local), entry)
        return {key: known[key] for key in keys if key in known}

    async def put(self, entries: Sequence[IdEntry]) -> None:
        self.learn(entries)

    def learn(self, entries: Iterable[IdEntry]) -> None:
        for entry in entries:
            key = (entry.kind, entry.public)
            old = self.entries.get(key, entry)
            blue = old.blue if entry.blue is None else entry.blue
            green = old.green if entry.green is None else entry.green
            self.entries[key] = replace(entry, blue=blue, green=green)

    async def differs(self, side: Side) -> bool:
        return any(entry.local(side) not in {None, entry.public} for entry in self.entries.values())

    async def highest_number(self, kind: str, prefix: str = "") -> int:
        rests = [public[len(prefix) :] for known, public in self.entries if known == kind and public.startswith(prefix)]
        numbers = [int(rest) for rest in rests if rest.isascii() and rest.isdigit() and not rest.startswith("0")]
        return max((number for number in numbers if number < 10**12), default=0)


class MemoryJournalStore:
    """``JournalStore`` in a dict; learned ids go to ``ids``.

    Set ``broken`` to an error to have every call fail with it. ``synced`` collects the positions given to ``durable``.
    """

    def __init__(self, ids: MemoryIdStore | None = None) -> None:
        self.ids = ids or MemoryIdStore()
        self.records: dict[int, WriteRecord] = {}
        self.created: set[int] = set()
        self.synced: list[int] = []
        self.broken: Exception | None = None
        self._last = 0

    def _working(self) -> None:
        if self.broken is not None:
            raise self.broken

    def _known(self, seq: int) -> WriteRecord:
        self._working()
        if seq not in self.records:
            raise StorageError(f"there is no journal record {seq}")
        return self.records[seq]

    def _moving(self, seq: int, after: State) -> WriteRecord:
        record = self._known(seq)
        if not may_move(record.state, after):
            raise StorageError(f"journal record {seq} is {record.state.value} and cannot become {after.value}")
        return record

    def _where(self, wanted: Callable[[WriteRecord], bool]) -> list[WriteRecord]:
        self._working()
        return [record for _, record in sorted(self.records.items()) if wanted(record)]

    async def append(self, intent: Intent, now: float) -> int:
        self._working()
        self._last += 1
        self.records[self._last] = WriteRecord(self._last, State.RECEIVED, intent, now)
        return self._last

    async def durable(self, seq: int) -> None:
        self._working()
        self.synced.append(seq)

    async def answered(self, seq: int, outcome: Outcome, now: float) -> None:
        record = self._moving(seq, outcome.state)
        if outcome.lane and outcome.answer:
            self.created.add(seq)
        self.records[seq] = replace(
            record,
            state=outcome.state,
            status=outcome.status,
            answer=outcome.answer or record.answer,
            answered_at=None if outcome.state is State.IN_DOUBT else now,
            reason=outcome.reason,
            intent=replace(record.intent, lane=outcome.lane or record.intent.lane),
        )
        self.ids.learn(outcome.learned)

    async def delivered(
        self,
        seq: int,
        state: State,
        *,
        reason: str = "",
        detail: str = "",
        learned: Sequence[IdEntry] = (),
    ) -> None:
        self.records[seq] = replace(self._moving(seq, state), state=state, reason=reason, detail=detail)
        self.ids.learn(learned)

    async def attempt(self, seq: int) -> int:
        record = self._known(seq)
        self.records[seq] = replace(record, attempts=record.attempts + 1)
        return record.attempts + 1

    async def reopen(self, seqs: Sequence[int] | None = None) -> list[Pending]:
        found = self._where(lambda record: record.state is State.PARKED and (seqs is None or record.seq in seqs))
        for record in found:
            state = State.ANSWERED if 200 <= record.status < 300 else State.IN_DOUBT
            self.records[record.seq] = replace(record, state=state, reason="", detail="")
        return [_light(self.records[record.seq]) for record in found]

    async def skip(self, seqs: Sequence[int], reason: str) -> int:
        found = self._where(lambda record: record.seq in seqs and not record.state.final)
        for record in found:
            self.records[record.seq] = replace(record, state=State.SKIPPED, reason=reason)
        return len(found)

    async def close_window(self, reason: str) -> int:
        return await self.skip(list(self.records), reason)

    async def pending(self, after_seq: int, limit: int) -> list[Pending]:
        found = self._where(lambda record: record.state.pending and record.seq > after_seq)
        return [_light(record) for record in found[:limit]]

    async def read(self, seq: int) -> WriteRecord | None:
        self._working()
        return self.records.get(seq)

    async def listing(self, states: Sequence[State], *, after_seq: int = 0, limit: int = 100) -> list[WriteRecord]:
        return self._where(lambda record: record.state in states and record.seq > after_seq)[:limit]

    async def parked_creates(self) -> set[str]:
        found = self._where(lambda record: record.state is State.PARKED and record.seq in self.created)
        return {record.intent.lane for record in found}

    async def counts(self) -> Mapping[State, int]:
        self._working()
        return {state: sum(record.state is state for record in self.records.values()) for state in State}

    async def oldest_pending(self) -> float | None:
        answered = self._where(lambda record: record.state is State.ANSWERED)[:1]
        in_doubt = self._where(lambda record: record.state is State.IN_DOUBT)[:1]
        since = [record.answered_at for record in answered if record.answered_at is not None]
        return min(since + [record.received_at for record in in_doubt], default=None)

    async def size_bytes(self) -> int:
        self._working()
        return sum(len(record.intent.request.body) + len(record.answer) for record in self.records.values())

    async def recover(self) -> Recovery:
        counts = {state.value: total for state, total in (await self.counts()).items()}
        for record in self._where(lambda record: record.state is State.RECEIVED):
            self.records[record.seq] = replace(record, state=State.IN_DOUBT)
        return Recovery(counts, counts[State.RECEIVED.value])

    async def prune(self, before: float, limit: int) -> int:
        gone = {State.MIRRORED, State.REJECTED}
        found = self._where(lambda record: record.state in gone and record.received_at < before)[:limit]
        for record in found:
            del self.records[record.seq]
        return len(found)


class MemoryPhaseStore:
    """``PhaseStore`` in plain attributes."""

    def __init__(self) -> None:
        self.phase: Phase | None = None
        self.entries: list[dict[str, object]] = []
        self.facts: dict[str, str] = {}

    async def load(self) -> Phase | None:
        return self.phase

    async def save(self, phase: Phase, *, actor: str, action: str, detail: str, now: float) -> None:
        self.phase = phase
        await self.audit(actor=actor, action=action, detail=detail, now=now)

    async def audit(self, *, actor: str, action: str, detail: str, now: float) -> None:
        self.entries.append({"at": now, "actor": actor, "action": action, "detail": detail})

    async def audit_log(self, limit: int = 100) -> list[dict[str, object]]:
        return self.entries[::-1][:limit]

    async def get_fact(self, name: str) -> str | None:
        return self.facts.get(name)

    async def set_fact(self, name: str, value: str) -> None:
        self.facts[name] = value


def _light(record: WriteRecord) -> Pending:
    intent = record.intent
    return Pending(
        seq=record.seq,
        state=record.state,
        operation=intent.operation,
        side=intent.side,
        lane=intent.lane,
        after=intent.after,
        fence=intent.fence,
        received_at=record.received_at,
        answered_at=record.answered_at,
    )
