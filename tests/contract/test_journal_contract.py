"""What every JournalStore promises."""

from __future__ import annotations

import pytest

from proxy.core.messages import Side
from proxy.core.records import IdEntry, Outcome, WriteRecord
from proxy.core.writes import MOVES, State
from proxy.errors import StorageError
from proxy.services.ports import JournalStore
from tests.contract.conftest import Stores
from tests.fakes.intents import intent

OK = Outcome(State.ANSWERED, 200)

WAYS: dict[State, tuple[State, ...]] = {
    State.RECEIVED: (),
    State.ANSWERED: (State.ANSWERED,),
    State.IN_DOUBT: (State.IN_DOUBT,),
    State.REJECTED: (State.REJECTED,),
    State.MIRRORED: (State.ANSWERED, State.MIRRORED),
    State.PARKED: (State.ANSWERED, State.PARKED),
    State.SKIPPED: (State.ANSWERED, State.SKIPPED),
}


async def bring_to(journal: JournalStore, state: State, lane: str = "run:r1", now: float = 10.0) -> int:
    """Append a record and lead it to a state."""
    seq = await journal.append(intent(lane), now)
    for step in WAYS[state]:
        if step in {State.ANSWERED, State.IN_DOUBT, State.REJECTED}:
            await journal.answered(seq, Outcome(step, 200 if step is State.ANSWERED else 0), now + 1)
        else:
            await journal.delivered(seq, step, reason="why", detail="at length")
    return seq


async def full(journal: JournalStore, seq: int) -> WriteRecord:
    """A record that is known to exist."""
    found = await journal.read(seq)
    assert found is not None
    return found


async def test_an_appended_record_comes_back_as_it_was(stores: Stores):
    """Every field of the intent survives, and positions rise."""
    wanted = intent("", operation="CreateRun", after=("experiment:1", "run:ä"), fence=True)
    first = await stores.journal.append(wanted, 10.5)
    second = await stores.journal.append(wanted, 11.5)
    assert second > first
    assert await stores.journal.read(first) == WriteRecord(first, State.RECEIVED, wanted, 10.5)


async def test_an_unknown_position_reads_as_none(stores: Stores):
    """Reading what is not there is no error."""
    assert await stores.journal.read(77) is None


async def test_durable_returns_for_what_was_appended(stores: Stores):
    """Waiting for durability ends, also the second time and for older positions."""
    first = await stores.journal.append(intent(), 1.0)
    second = await stores.journal.append(intent(), 1.0)
    for seq in (second, first, second):
        await stores.journal.durable(seq)
    assert (await stores.journal.counts())[State.RECEIVED] == 2


async def test_an_answer_records_outcome_lane_and_ids_together(stores: Stores):
    """The outcome of a create names its lane, keeps its answer and teaches its ids."""
    seq = await stores.journal.append(intent("", operation="CreateRun"), 10.0)
    entry = IdEntry("token", "p" * 32, blue="p" * 32)
    await stores.journal.answered(seq, Outcome(State.ANSWERED, 200, b'{"run": {}}', "run:new", (entry,)), 11.0)
    record = await full(stores.journal, seq)
    assert (record.state, record.status, record.answer, record.answered_at) == (
        State.ANSWERED,
        200,
        b'{"run": {}}',
        11.0,
    )
    assert record.intent.lane == "run:new"
    assert await stores.ids.by_public([("token", "p" * 32)]) == {("token", "p" * 32): entry}


async def test_an_answer_without_a_lane_keeps_the_lane(stores: Stores):
    """Only creates learn their lane from the answer."""
    seq = await stores.journal.append(intent("run:r9"), 10.0)
    await stores.journal.answered(seq, OK, 11.0)
    assert (await full(stores.journal, seq)).intent.lane == "run:r9"


async def test_an_outcome_in_doubt_has_no_answer_time_and_can_be_settled(stores: Stores):
    """IN_DOUBT records keep answered_at empty until they are settled."""
    seq = await stores.journal.append(intent(), 10.0)
    await stores.journal.answered(seq, Outcome(State.IN_DOUBT, 504, reason="timeout"), 11.0)
    doubtful = await full(stores.journal, seq)
    assert (doubtful.answered_at, doubtful.status, doubtful.reason) == (None, 504, "timeout")
    await stores.journal.answered(seq, OK, 12.0)
    settled = await full(stores.journal, seq)
    assert (settled.state, settled.answered_at, settled.reason) == (State.ANSWERED, 12.0, "")


async def test_a_delivery_records_reason_detail_and_ids_together(stores: Stores):
    """What became of a delivery is stored with what was learned from it."""
    seq = await bring_to(stores.journal, State.ANSWERED)
    entry = IdEntry("token", "p", green="g")
    await stores.journal.delivered(seq, State.PARKED, reason="rejected", detail="blue 200, green 400", learned=[entry])
    record = await full(stores.journal, seq)
    assert (record.state, record.reason, record.detail) == (State.PARKED, "rejected", "blue 200, green 400")
    assert await stores.ids.by_local(Side.GREEN, [("token", "g")]) == {("token", "g"): entry}


@pytest.mark.parametrize("before", list(State))
@pytest.mark.parametrize("after", [State.MIRRORED, State.PARKED, State.SKIPPED, State.REJECTED])
async def test_only_legal_moves_are_made(stores: Stores, before: State, after: State):
    """A move that the core's table lacks raises and changes nothing, not even the ids."""
    seq = await bring_to(stores.journal, before)
    unchanged = await full(stores.journal, seq)
    entry = IdEntry("token", "p", blue="b")
    if after in MOVES[before]:
        await stores.journal.delivered(seq, after, learned=[entry])
        assert (await full(stores.journal, seq)).state is after
        return
    with pytest.raises(StorageError, match=f"{seq} is {before.value} and cannot become {after.value}"):
        await stores.journal.delivered(seq, after, learned=[entry])
    assert await full(stores.journal, seq) == unchanged
    assert await stores.ids.by_public([("token", "p")]) == {}


async def test_a_second_answer_is_refused(stores: Stores):
    """An answered record cannot be answered again."""
    seq = await bring_to(stores.journal, State.ANSWERED)
    with pytest.raises(StorageError, match="cannot become"):
        await stores.journal.answered(seq, OK, 99.0)
    assert (await full(stores.journal, seq)).answered_at == 11.0


async def test_what_does_not_exist_cannot_be_changed(stores: Stores):
    """Each single-record change names the missing record."""
    with pytest.raises(StorageError, match="no journal record 5"):
        await stores.journal.answered(5, OK, 1.0)
    with pytest.raises(StorageError, match="no journal record 5"):
        await stores.journal.delivered(5, State.MIRRORED)
    with pytest.raises(StorageError, match="no journal record 5"):
        await stores.journal.attempt(5)


async def test_attempts_are_counted(stores: Stores):
    """Each delivery begun is counted and the count returned."""
    seq = await bring_to(stores.journal, State.ANSWERED)
    assert [await stores.journal.attempt(seq) for _ in range(3)] == [1, 2, 3]
    assert (await full(stores.journal, seq)).attempts == 3


async def test_pending_gives_light_records_in_order_from_a_position(stores: Stores):
    """RECEIVED, ANSWERED and IN_DOUBT ones are pending; limit and start hold across the states."""
    seqs = {state: await bring_to(stores.journal, state) for state in State}
    again = await bring_to(stores.journal, State.RECEIVED)
    wanted = sorted([seqs[State.RECEIVED], seqs[State.ANSWERED], seqs[State.IN_DOUBT], again])
    found = await stores.journal.pending(0, 100)
    assert [light.seq for light in found] == wanted
    assert [light.seq for light in await stores.journal.pending(wanted[0], 2)] == wanted[1:3]
    assert await stores.journal.pending(again, 10) == []


async def test_a_pending_record_has_what_the_mirror_schedules_by(stores: Stores):
    """The light form carries lane, further lanes, fence and times."""
    wanted = intent("experiment:1", operation="DeleteExperiment", after=("run:a",), fence=True)
    seq = await stores.journal.append(wanted, 10.0)
    await stores.journal.answered(seq, OK, 11.0)
    (light,) = await stores.journal.pending(0, 10)
    assert (light.seq, light.state, light.operation, light.side) == (
        seq,
        State.ANSWERED,
        "DeleteExperiment",
        Side.BLUE,
    )
    assert (light.lane, light.after, light.fence) == ("experiment:1", ("run:a",), True)
    assert (light.received_at, light.answered_at) == (10.0, 11.0)


async def test_reopening_makes_parked_records_pending_again(stores: Stores):
    """A 2xx answer reopens as ANSWERED, anything else as IN_DOUBT, and the reason is cleared."""
    known = await bring_to(stores.journal, State.PARKED)
    unknown = await bring_to(stores.journal, State.IN_DOUBT)
    await stores.journal.delivered(unknown, State.PARKED, reason="unclear", detail="text")
    found = await stores.journal.reopen()
    assert [(light.seq, light.state) for light in found] == [(known, State.ANSWERED), (unknown, State.IN_DOUBT)]
    record = await full(stores.journal, unknown)
    assert (record.state, record.reason, record.detail) == (State.IN_DOUBT, "", "")


async def test_reopening_named_records_leaves_the_others(stores: Stores):
    """Only the parked ones among those named are reopened."""
    first, second = [await bring_to(stores.journal, State.PARKED) for _ in range(2)]
    mirrored = await bring_to(stores.journal, State.MIRRORED)
    assert [light.seq for light in await stores.journal.reopen([second, mirrored, 999])] == [second]
    assert (await full(stores.journal, first)).state is State.PARKED
    assert (await full(stores.journal, mirrored)).state is State.MIRRORED
    assert await stores.journal.reopen([]) == []


async def test_skipping_takes_open_records_only(stores: Stores):
    """Parked and pending ones become SKIPPED with the reason; final ones stay as they are."""
    seqs = {state: await bring_to(stores.journal, state) for state in State}
    assert await stores.journal.skip([*seqs.values(), 999], "operator") == 4
    for state, seq in seqs.items():
        record = await full(stores.journal, seq)
        if state.final:
            assert (record.state, record.reason == "operator") == (state, False)
        else:
            assert (record.state, record.reason) == (State.SKIPPED, "operator")


async def test_closing_the_window_leaves_nothing_open(stores: Stores):
    """Everything that is not final becomes SKIPPED; a second time finds nothing."""
    for state in State:
        await bring_to(stores.journal, state)
    assert await stores.journal.close_window("window_closed") == 4
    counts = await stores.journal.counts()
    assert {state: total for state, total in counts.items() if total} == {
        State.SKIPPED: 5,
        State.MIRRORED: 1,
        State.REJECTED: 1,
    }
    assert await stores.journal.close_window("window_closed") == 0


async def test_a_listing_goes_by_state_and_position(stores: Stores):
    """Full records of the states asked for, in order, page by page."""
    wanted = []
    for _ in range(3):
        wanted.append(await bring_to(stores.journal, State.PARKED))
        await bring_to(stores.journal, State.MIRRORED)
        wanted.append(await bring_to(stores.journal, State.SKIPPED))
    states = [State.PARKED, State.SKIPPED]
    first = await stores.journal.listing(states, limit=4)
    rest = await stores.journal.listing(states, after_seq=first[-1].seq, limit=4)
    assert [record.seq for record in first] == wanted[:4]
    assert [record.seq for record in rest] == wanted[4:]
    assert first[0] == await stores.journal.read(wanted[0])
    assert await stores.journal.listing([]) == []


async def test_parked_creates_are_told_from_other_parked_writes(stores: Stores):
    """Only lanes of objects whose create is parked are given."""
    await bring_to(stores.journal, State.PARKED, "run:old")
    for lane, end in (("run:stuck", State.PARKED), ("run:fine", State.MIRRORED)):
        seq = await stores.journal.append(intent("", operation="CreateRun"), 1.0)
        await stores.journal.answered(seq, Outcome(State.ANSWERED, 200, b"{}", lane), 2.0)
        await stores.journal.delivered(seq, end)
    assert await stores.journal.parked_creates() == {"run:stuck"}


async def test_counts_name_every_state(stores: Stores):
    """States without records count zero."""
    assert await stores.journal.counts() == dict.fromkeys(State, 0)
    await bring_to(stores.journal, State.PARKED)
    await bring_to(stores.journal, State.PARKED)
    await bring_to(stores.journal, State.RECEIVED)
    assert await stores.journal.counts() == {**dict.fromkeys(State, 0), State.PARKED: 2, State.RECEIVED: 1}


async def test_the_oldest_pending_is_the_earlier_of_answered_and_in_doubt(stores: Stores):
    """An answered record ages from its answer, one in doubt from its arrival; received ones do not count."""
    assert await stores.journal.oldest_pending() is None
    await bring_to(stores.journal, State.RECEIVED, now=1.0)
    assert await stores.journal.oldest_pending() is None
    doubtful = await bring_to(stores.journal, State.IN_DOUBT, now=30.0)
    assert await stores.journal.oldest_pending() == 30.0
    await bring_to(stores.journal, State.ANSWERED, now=20.0)
    assert await stores.journal.oldest_pending() == 21.0
    await stores.journal.skip([doubtful], "operator")
    await bring_to(stores.journal, State.ANSWERED, now=40.0)
    assert await stores.journal.oldest_pending() == 21.0


async def test_the_size_grows_with_what_is_stored(stores: Stores):
    """A stored body takes at least its own length."""
    before = await stores.journal.size_bytes()
    for _ in range(100):
        await stores.journal.append(intent(), 1.0)
    assert await stores.journal.size_bytes() >= before + 100 * len(intent().request.body)


async def test_recovery_puts_received_records_in_doubt_and_tells_what_it_found(stores: Stores):
    """Counts are those from before the change."""
    for state in (State.RECEIVED, State.RECEIVED, State.IN_DOUBT, State.MIRRORED):
        await bring_to(stores.journal, state)
    found = await stores.journal.recover()
    assert found.made_in_doubt == 2
    assert {state: total for state, total in found.counts.items() if total} == {
        "received": 2,
        "in_doubt": 1,
        "mirrored": 1,
    }
    assert (await stores.journal.counts())[State.IN_DOUBT] == 3
