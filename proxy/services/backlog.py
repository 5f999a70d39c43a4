"""The part of the journal that is in memory: a window over the pending records, kept in step with the journal.

While the window has room, records come straight from the recorder. When it is full, or at a start, they are read from
the journal instead, page by page, until the end is reached and nothing was appended in between.
"""

from __future__ import annotations

from collections.abc import Sequence

from proxy.core.records import Pending
from proxy.core.schedule import Schedule
from proxy.core.writes import State
from proxy.services.ports import JournalStore

PAGE = 2000

WINDOW = 20_000
"""Records held in memory for scheduling (about 1 kB each); the rest of a backlog waits in the journal."""


class Backlog:
    """What is pending, in order; says what may be delivered next."""

    def __init__(self, journal: JournalStore) -> None:
        self._journal = journal
        self.schedule = Schedule()
        self._loaded_to = 0  # every pending record up to here is in the schedule
        self._behind = True  # the journal may hold pending records beyond that
        self._closed_while_loading: dict[int, tuple[State, str]] | None = None
        self._missed = False  # a record was opened while the journal was being read
        self._first_own: int | None = None

    def opened(self, record: Pending) -> None:
        """A record was appended."""
        if self._first_own is None:
            self._first_own = record.seq
        full = len(self.schedule) >= WINDOW and record.seq > self._loaded_to
        if self._behind or full:
            self._behind = self._missed = True  # it is read from the journal when its turn comes
        else:
            self.schedule.opened(record)
            self._loaded_to = max(self._loaded_to, record.seq)

    def closed(self, seq: int, state: State, lane: str) -> None:
        """Its outcome was recorded."""
        if self._closed_while_loading is not None:
            self._closed_while_loading[seq] = (state, lane)
        self.schedule.closed(seq, state, lane)

    def reopened(self, records: Sequence[Pending]) -> None:
        """Parked records are pending again; those beyond the window are read when their turn comes."""
        for record in records:
            # A page that is being read may be older than the reopening, and will not be read again.
            if record.seq <= self._loaded_to or self._closed_while_loading is not None:
                self.schedule.opened(record)

    def forget(self) -> None:
        """Nothing that was pending is pending any more."""
        self.schedule = Schedule()

    def may_be_known_to_following(self, seq: int) -> bool:
        """Whether an earlier process may have begun to deliver this record."""
        return self._first_own is None or seq < self._first_own

    @property
    def empty(self) -> bool:
        """Whether nothing is pending, in memory or beyond."""
        return not self._behind and len(self.schedule) == 0

    async def start(self) -> None:
        """Begin at the first pending record that an earlier process left."""
        pending = await self._journal.pending(0, 1)
        self._loaded_to = pending[0].seq - 1 if pending else 0
        await self.refill()

    async def refill(self) -> None:
        """Take the next part of the journal into the window, where there is room."""
        if not self._behind or len(self.schedule) >= WINDOW // 2:
            return
        self._closed_while_loading = {}
        try:
            while len(self.schedule) < WINDOW:
                self._missed = False
                page = await self._journal.pending(self._loaded_to, PAGE)
                for record in page:
                    self.schedule.opened(record)
                    self._loaded_to = max(self._loaded_to, record.seq)
                for seq, (state, lane) in self._closed_while_loading.items():
                    self.schedule.closed(seq, state, lane)  # what we read may have been older than this
                if not page and not self._missed:
                    self._behind = False
                    return
        finally:
            self._closed_while_loading = None
