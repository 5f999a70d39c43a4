"""The window over the pending records, in step with the journal whatever happens while it is read."""

from __future__ import annotations

import asyncio

import pytest

from proxy.core.records import Outcome, Pending
from proxy.core.writes import State
from proxy.services import backlog
from proxy.services.backlog import Backlog
from tests.fakes.intents import intent
from tests.fakes.memory_stores import MemoryJournalStore


class Journal(MemoryJournalStore):
    """Pages can be held up after they were read."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.read_pages = 0
        self.page_was_read = asyncio.Event()

    async def pending(self, after_seq: int, limit: int) -> list[Pending]:
        page = await super().pending(after_seq, limit)
        self.read_pages += 1
        self.page_was_read.set()
        await self.go_on.wait()
        return page

    async def write(self, lane: str = "run:r1") -> int:
        seq = await self.append(intent(lane), 1.0)
        await self.answered(seq, Outcome(State.ANSWERED, 200), 2.0)
        return seq


@pytest.fixture
def journal() -> Journal:
    return Journal()


def taken(window: Backlog) -> list[int]:
    """Everything that may be delivered now and after it, in order."""
    found = []
    while (seq := window.schedule.take()) is not None:
        found.append(seq)
        window.schedule.finished(seq)
    return found


async def test_what_an_earlier_process_left(journal):
    """It is loaded in order, and may have been delivered before."""
    seqs = [await journal.write() for _ in range(3)]
    window = Backlog(journal)
    await window.start()
    assert len(window.schedule) == len(seqs)
    assert taken(window) == seqs
    assert window.empty
    assert window.may_be_known_to_following(3)


async def test_new_records_come_straight(journal):
    """Without a backlog the journal is not read; our own records have not been delivered by anybody else."""
    window = Backlog(journal)
    await window.start()
    pages = journal.read_pages
    seq = await journal.append(intent(), 1.0)
    window.opened((await journal.pending(0, 1))[0])
    assert taken(window) == []
    window.closed(seq, State.ANSWERED, "")
    assert taken(window) == [seq]
    assert journal.read_pages == pages + 1  # ours
    assert not window.may_be_known_to_following(seq)


async def test_more_than_fits(journal, monkeypatch):
    """The rest is read as room is made; nothing is left out and nothing comes twice."""
    monkeypatch.setattr(backlog, "WINDOW", 4)
    monkeypatch.setattr(backlog, "PAGE", 2)
    seqs = [await journal.write(f"run:{number % 3}") for number in range(11)]
    window = Backlog(journal)
    await window.start()
    assert len(window.schedule) == 4
    found = []
    while not window.empty:
        found += taken(window)
        await window.refill()
    assert found == seqs


async def test_reopened_while_a_page_is_read(journal):
    """A record that becomes pending again behind the back of a page that was read already is not forgotten."""
    first = await journal.write()
    await journal.delivered(first, State.PARKED)
    second = await journal.write()
    window = Backlog(journal)
    window._loaded_to = 0
    journal.go_on.clear()
    loading = asyncio.ensure_future(window.refill())
    await journal.page_was_read.wait()
    window.reopened(await journal.reopen())
    journal.go_on.set()
    await loading
    assert sorted(taken(window)) == [first, second]
    assert window.empty


async def test_closed_while_a_page_is_read(journal):
    """An outcome that is recorded after its record was read, and before the page is taken in, counts."""
    seq = await journal.append(intent(), 1.0)
    window = Backlog(journal)
    journal.go_on.clear()
    loading = asyncio.ensure_future(window.refill())
    await journal.page_was_read.wait()
    window.closed(seq, State.ANSWERED, "")
    journal.go_on.set()
    await loading
    assert taken(window) == [seq]


async def test_forgotten(journal):
    """When the window is closed nothing is pending any more."""
    await journal.write()
    window = Backlog(journal)
    await window.start()
    window.forget()
    assert window.empty
    assert taken(window) == []
