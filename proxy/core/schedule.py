"""Which records may be delivered now.

A record may be delivered when its outcome is known, nothing earlier is pending in its lane, nothing earlier is pending
in the lanes it waits for, and no earlier fence is pending; a fence waits for everything before it. Everything here is
bookkeeping in memory; the journal is the truth and the schedule is rebuilt from it at a restart.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from proxy.core.records import Pending
from proxy.core.writes import State

_FENCE = "\0fence"
_EVERYTHING = "\0everything"


@dataclass(slots=True)
class _Entry:
    record: Pending
    lane: str
    answered: bool
    busy: bool = False


class Schedule:
    """Pending records of one direction, in order of position."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._lanes: dict[str, list[int]] = {}
        self._fences: list[int] = []
        self._order: list[int] = []  # heap of positions, finished ones are dropped when they reach the top
        self._ready: deque[int] = deque()
        self._blocked: dict[str, set[int]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, seq: int) -> bool:
        return seq in self._entries

    def opened(self, record: Pending) -> None:
        """A record exists from now on; while it is RECEIVED it only holds others back."""
        if record.seq in self._entries:
            return
        entry = _Entry(record, record.lane, answered=record.state is not State.RECEIVED)
        self._entries[record.seq] = entry
        heapq.heappush(self._order, record.seq)
        if record.lane:
            insort(self._lanes.setdefault(record.lane, []), record.seq)
        if record.fence:
            insort(self._fences, record.seq)
        self._consider(record.seq)

    def closed(self, seq: int, state: State, lane: str) -> None:
        """The outcome of a record is known; a create now stands in the lane of what it made."""
        entry = self._entries.get(seq)
        if entry is None:
            return
        if not state.pending:
            self.finished(seq)
            return
        freed: set[int] = set()
        if lane and lane != entry.lane:
            freed = self._leave(entry)
            entry.lane = lane
            insort(self._lanes.setdefault(lane, []), seq)
        entry.answered = True
        for waiting in (seq, *sorted(freed)):
            self._consider(waiting)

    def take(self) -> int | None:
        """A record that may be delivered now, None when there is none; it is busy until finished or put back."""
        while self._ready:
            seq = self._ready.popleft()
            entry = self._entries.get(seq)
            if entry is None or entry.busy or not entry.answered:
                continue
            if self._held_back(entry):  # something earlier has come since: a create got its lane, a record was reopened
                continue
            entry.busy = True
            return seq
        return None

    def put_back(self, seq: int) -> None:
        """A taken record could not be delivered yet."""
        entry = self._entries.get(seq)
        if entry is not None:
            entry.busy = False
            self._consider(seq)

    def finished(self, seq: int) -> None:
        """A record needs nothing any more; those who waited for it are looked at again."""
        entry = self._entries.pop(seq, None)
        if entry is None:
            return
        freed = self._leave(entry)
        if entry.record.fence:
            self._fences.remove(seq)
            freed |= self._blocked.pop(_FENCE, set())
        freed |= self._blocked.pop(_EVERYTHING, set())
        for waiting in sorted(freed):
            self._consider(waiting)

    def waits_in(self, lane: str) -> bool:
        """Whether something is pending in a lane."""
        return lane in self._lanes

    def positions(self) -> Iterable[int]:
        """The positions that are pending."""
        return self._entries.keys()

    def _consider(self, seq: int) -> None:
        entry = self._entries.get(seq)
        if entry is not None and not entry.busy and entry.answered and not self._held_back(entry):
            self._ready.append(seq)

    def _held_back(self, entry: _Entry) -> bool:
        """Whether something holds the record back; if so, it is looked at again when that is over."""
        blocker = self._blocker(entry)
        if blocker is not None and blocker != entry.lane:  # its own lane looks at it when it comes to the head
            self._blocked.setdefault(blocker, set()).add(entry.record.seq)
        return blocker is not None

    def _blocker(self, entry: _Entry) -> str | None:
        """The first thing that holds the record back, None when nothing does."""
        seq = entry.record.seq
        if self._fences and self._fences[0] < seq:
            return _FENCE
        if entry.record.fence and self._first() != seq:
            return _EVERYTHING
        for lane in (entry.lane, *entry.record.after):
            queue = self._lanes.get(lane)
            if queue and queue[0] < seq:
                return lane
        return None

    def _first(self) -> int:
        while self._order and self._order[0] not in self._entries:
            heapq.heappop(self._order)
        return self._order[0] if self._order else 0

    def _leave(self, entry: _Entry) -> set[int]:
        """Take a record out of its lane; returns those that may have waited for that."""
        queue = self._lanes.get(entry.lane)
        if queue is None:
            return set()
        queue.remove(entry.record.seq)
        if not queue:
            del self._lanes[entry.lane]
        return self._blocked.pop(entry.lane, set()).union(queue[:1])
