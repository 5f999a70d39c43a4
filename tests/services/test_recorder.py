"""Journaling one client write."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from proxy.core.endpoints.catalogue import match
from proxy.core.endpoints.spec import Match
from proxy.core.id_sites import EXPERIMENT
from proxy.core.messages import Request, Response, Side
from proxy.core.records import IdEntry, Outcome, Pending
from proxy.core.versions.calls import read_call
from proxy.core.writes import State
from proxy.errors import JournalUnavailableError, StorageError
from proxy.services.recorder import OpenRecord, Recorder
from proxy.services.supervisor import Supervisor
from tests.fakes.memory_stores import MemoryJournalStore

RUN = "0f3c5a7b9d1e2f4a6b8c0d2e4f6a8b0c"
API = "/api/2.0/mlflow"


class Journal(MemoryJournalStore):
    """Durability and the recording of outcomes can be held up and made to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.power_safe = asyncio.Event()
        self.power_safe.set()
        self.outcome_error: Exception | None = None
        self.durable_error: Exception | None = None

    async def durable(self, seq: int) -> None:
        await self.power_safe.wait()
        if self.durable_error is not None:
            raise self.durable_error
        await super().durable(seq)

    async def answered(self, seq: int, outcome: Outcome, now: float) -> None:
        if self.outcome_error is not None:
            raise self.outcome_error
        await super().answered(seq, outcome, now)


class Feed:
    """What the mirror was told, in order."""

    def __init__(self) -> None:
        self.news: list[Any] = []

    def opened(self, record: Pending) -> None:
        self.news.append(record)

    def closed(self, seq: int, state: State, lane: str) -> None:
        self.news.append((seq, state, lane))


class Desk:
    """A recorder with its journal, feed and clock."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.feed = Feed()
        self.now = 100.0
        self.recorder = Recorder(self.journal, self.feed, Supervisor(), lambda: self.now)

    async def begin(self, path: str = "runs/log-metric", body: Any = None, headers: Any = ()) -> OpenRecord:
        request = Request("POST", f"{API}/{path}", "", headers, json.dumps(body or {"run_id": RUN}).encode())
        found = match("POST", request.path)
        assert isinstance(found, Match)
        return await self.recorder.begin(found, read_call(found, request), request, Side.BLUE, "req-1")

    def state(self, seq: int = 1) -> State:
        return self.journal.records[seq].state


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def settled() -> None:
    """Everything that can go on has gone on; no time passes."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_intent_is_stored_and_announced(desk):
    """Before a write is sent its request is in the journal, without credentials, and the mirror knows of it."""
    headers = (("Authorization", "secret"), ("Content-Type", "application/json"))
    record = await desk.begin(headers=headers)
    stored = desk.journal.records[record.seq]
    assert stored.state is State.RECEIVED
    assert stored.intent.request.headers == (("Content-Type", "application/json"),)
    assert (stored.intent.lane, stored.intent.side, stored.intent.request_id) == (f"run:{RUN}", Side.BLUE, "req-1")
    assert desk.feed.news == [
        Pending(record.seq, State.RECEIVED, "LogMetric", Side.BLUE, f"run:{RUN}", (), fence=False, received_at=100.0)
    ]
    await record.durable


async def test_a_fence_is_announced_as_one(desk):
    """Writes that cascade keep everything else apart."""
    record = await desk.begin("experiments/delete", {"experiment_id": "3"})
    assert desk.feed.news[0].fence
    assert desk.journal.records[record.seq].intent.fence
    await record.durable


async def test_nothing_is_announced_that_is_not_stored(desk):
    """Without a journal the write is refused before it is sent, and the mirror hears nothing."""
    desk.journal.broken = JournalUnavailableError("disk full")
    with pytest.raises(JournalUnavailableError):
        await desk.begin()
    assert desk.feed.news == []


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Response(200, (), b"{}"), State.ANSWERED),
        (Response(400, (), b'{"error_code": "INVALID_PARAMETER_VALUE"}'), State.REJECTED),
        (Response(500, (), b"<html>"), State.IN_DOUBT),
    ],
)
async def test_the_answer_decides_the_state(desk, answer, state):
    """Journal and mirror agree on what became of the write."""
    record = await desk.begin()
    desk.now = 101.0
    await desk.recorder.answered(record, answer, ())
    stored = desk.journal.records[record.seq]
    assert (stored.state, stored.status) == (state, answer.status)
    assert stored.answered_at == (None if state is State.IN_DOUBT else 101.0)
    assert stored.answer == b""
    assert desk.feed.news[1:] == [(record.seq, state, "")]


async def test_a_create_keeps_its_answer_and_gets_its_lane(desk):
    """What was made is known from the answer: its lane, and the ids to remember with it."""
    record = await desk.begin("experiments/create", {"name": "x"})
    entry = IdEntry(EXPERIMENT, "11", green="3")
    await desk.recorder.answered(record, Response(200, (), b'{"experiment_id": "11"}'), (entry,))
    stored = desk.journal.records[record.seq]
    assert (stored.answer, stored.intent.lane) == (b'{"experiment_id": "11"}', "experiment:11")
    assert desk.journal.ids.entries == {(EXPERIMENT, "11"): entry}
    assert desk.feed.news[1:] == [(record.seq, State.ANSWERED, "experiment:11")]


async def test_a_create_that_was_refused_has_no_lane(desk):
    """A refusal names nothing, and its text is not kept."""
    record = await desk.begin("experiments/create", {"name": "x"})
    await desk.recorder.answered(record, Response(400, (), b'{"error_code": "RESOURCE_ALREADY_EXISTS"}'), ())
    assert desk.journal.records[record.seq].answer == b""
    assert desk.feed.news[1:] == [(record.seq, State.REJECTED, "")]


async def test_the_answer_of_an_update_is_kept(desk):
    """A status update is mirrored as what the run became, so its answer is needed; the lane stays the run's."""
    record = await desk.begin("runs/update", {"run_id": RUN})
    await desk.recorder.answered(record, Response(200, (), b'{"run_info": {}}'), ())
    stored = desk.journal.records[record.seq]
    assert (stored.answer, stored.intent.lane) == (b'{"run_info": {}}', f"run:{RUN}")


async def test_a_write_that_never_left_is_closed(desk):
    """Nothing is mirrored of it, and the reason is recorded."""
    record = await desk.begin()
    await desk.recorder.not_sent(record, "not_reached")
    stored = desk.journal.records[record.seq]
    assert (stored.state, stored.reason, stored.status) == (State.REJECTED, "not_reached", 0)
    assert desk.feed.news[1:] == [(record.seq, State.REJECTED, "")]


async def test_a_write_without_an_answer_is_in_doubt(desk):
    """Nobody knows whether it took effect: it waits to be settled, in the lane where it stands."""
    record = await desk.begin()
    await desk.recorder.in_doubt(record, "UpstreamTimeoutError")
    stored = desk.journal.records[record.seq]
    assert (stored.state, stored.reason, stored.intent.lane) == (State.IN_DOUBT, "UpstreamTimeoutError", f"run:{RUN}")
    assert desk.feed.news[1:] == [(record.seq, State.IN_DOUBT, "")]


ENDINGS = {
    "answered": lambda desk, record: desk.recorder.answered(record, Response(200, (), b"{}"), ()),
    "not_sent": lambda desk, record: desk.recorder.not_sent(record, "refused"),
    "in_doubt": lambda desk, record: desk.recorder.in_doubt(record, "reset"),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_the_client_waits_until_its_write_survives_a_loss_of_power(desk, ending):
    """Forwarding overlaps with the fsync; the acknowledgement does not overtake it."""
    desk.journal.power_safe.clear()
    record = await desk.begin()
    done = asyncio.ensure_future(ENDINGS[ending](desk, record))
    await settled()
    assert not done.done()
    assert desk.state() is not State.RECEIVED
    desk.journal.power_safe.set()
    await done
    assert desk.journal.synced == [record.seq]


async def test_a_write_that_may_not_survive_is_not_acknowledged(desk):
    """When the fsync fails, the client gets an error in the place of the answer."""
    desk.journal.durable_error = StorageError("disk gone")
    record = await desk.begin()
    with pytest.raises(StorageError, match="disk gone"):
        await desk.recorder.answered(record, Response(200, (), b"{}"), ())


@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_outcome_that_cannot_be_stored_is_in_doubt(desk, ending):
    """The intent is safe, so the client is answered, and the mirror settles the write by reading, as after a crash."""
    record = await desk.begin()
    desk.journal.outcome_error = StorageError("disk full")
    await ENDINGS[ending](desk, record)
    assert desk.state() is State.RECEIVED
    assert desk.feed.news[1:] == [(record.seq, State.IN_DOUBT, "")]


async def test_the_mirror_hears_of_a_record_before_its_outcome(desk):
    """Several writes at once: each is opened before it is closed, in the order of the journal."""
    records = [await desk.begin() for _ in range(3)]
    await asyncio.gather(*(ENDINGS["answered"](desk, record) for record in reversed(records)))
    assert [news.seq for news in desk.feed.news[:3]] == [1, 2, 3]
    assert sorted(news[0] for news in desk.feed.news[3:]) == [1, 2, 3]
