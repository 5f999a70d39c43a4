"""Which records may be delivered now."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from proxy.core.messages import Side
from proxy.core.records import Pending
from proxy.core.schedule import Schedule
from proxy.core.writes import State


def pending(
    seq: int, lane: str = "", after: tuple[str, ...] = (), *, fence: bool = False, state: State = State.ANSWERED
) -> Pending:
    return Pending(seq, state, "Op", Side.BLUE, lane, after, fence, 0.0)


def scheduled(*records: Pending) -> Schedule:
    schedule = Schedule()
    for record in records:
        schedule.opened(record)
    return schedule


def take_all(schedule: Schedule) -> list[int]:
    """Everything that may go now, sorted."""
    taken = []
    while (seq := schedule.take()) is not None:
        taken.append(seq)
    return sorted(taken)


# ---------------------------------------------------------------------------------------------------------- the rules


def test_a_lane_is_pending_until_its_last_record_is_finished():
    """Whoever waits for an object to be mirrored asks for its lane."""
    schedule = scheduled(pending(1, "run:a"), pending(2, "run:a"))
    assert (schedule.waits_in("run:a"), schedule.waits_in("run:b")) == (True, False)
    for seq in (1, 2):
        assert schedule.waits_in("run:a")
        schedule.take()
        schedule.finished(seq)
    assert not schedule.waits_in("run:a")


def test_records_of_one_lane_go_one_after_another():
    """Within a lane the next record is offered only when the one before it is finished."""
    schedule = scheduled(pending(1, "run:a"), pending(2, "run:a"), pending(3, "run:a"))
    for seq in (1, 2, 3):
        assert take_all(schedule) == [seq]
        schedule.finished(seq)
    assert len(schedule) == 0


def test_lanes_do_not_wait_for_each_other():
    """Records of different lanes are offered at the same time."""
    assert take_all(scheduled(pending(1, "run:a"), pending(2, "run:b"), pending(3, "run:a"))) == [1, 2]


def test_a_record_waits_for_the_lanes_it_names():
    """``after`` holds a record back until everything earlier in that lane is finished, and nothing later."""
    schedule = scheduled(
        pending(1, "experiment:1"),
        pending(2, "experiment:1"),
        pending(3, "run:a", ("experiment:1",)),
        pending(4, "experiment:1"),
    )
    assert take_all(schedule) == [1]
    schedule.finished(1)
    assert take_all(schedule) == [2]
    schedule.finished(2)
    assert take_all(schedule) == [3, 4]


def test_a_record_waits_for_all_of_several_lanes():
    """With two lanes to wait for, the end of one of them is not enough."""
    schedule = scheduled(
        pending(1, "run:a"), pending(2, "logged_model:m"), pending(3, "x", ("run:a", "logged_model:m"))
    )
    assert take_all(schedule) == [1, 2]
    schedule.finished(1)
    assert take_all(schedule) == []
    schedule.finished(2)
    assert take_all(schedule) == [3]


def test_a_fence_waits_for_everything_before_it():
    """A fence goes only when nothing earlier is pending, in whatever lane."""
    schedule = scheduled(pending(1, "run:a"), pending(2, "run:b"), pending(3, "experiment:1", fence=True))
    assert take_all(schedule) == [1, 2]
    schedule.finished(2)
    assert take_all(schedule) == []
    schedule.finished(1)
    assert take_all(schedule) == [3]


def test_nothing_passes_a_fence():
    """What comes after a fence starts only when the fence is finished."""
    schedule = scheduled(pending(1, "experiment:1", fence=True), pending(2, "run:a"), pending(3, "run:b"))
    assert take_all(schedule) == [1]
    schedule.finished(1)
    assert take_all(schedule) == [2, 3]


def test_fences_go_one_after_another():
    """Of several fences each waits for the one before it."""
    schedule = scheduled(*(pending(seq, f"experiment:{seq}", fence=True) for seq in (1, 2, 3)))
    for seq in (1, 2, 3):
        assert take_all(schedule) == [seq]
        schedule.finished(seq)


def test_a_received_record_holds_its_lane_back():
    """While the outcome of a record is unknown, neither it nor what follows it in the lane is offered."""
    schedule = scheduled(pending(1, "run:a", state=State.RECEIVED), pending(2, "run:a"))
    assert take_all(schedule) == []
    schedule.closed(1, State.ANSWERED, "")
    assert take_all(schedule) == [1]


def test_a_received_record_holds_a_fence_back():
    """A write under way may cascade into what a fence does, so the fence waits for its outcome."""
    schedule = scheduled(pending(1, state=State.RECEIVED), pending(2, "experiment:1", fence=True))
    assert take_all(schedule) == []
    schedule.closed(1, State.REJECTED, "")
    assert take_all(schedule) == [2]


@pytest.mark.parametrize("state", [State.REJECTED, State.SKIPPED, State.MIRRORED, State.PARKED])
def test_a_record_that_needs_nothing_frees_those_behind_it(state):
    """A record closed in a state that is not pending leaves the schedule, and its lane goes on."""
    schedule = scheduled(pending(1, "run:a", state=State.RECEIVED), pending(2, "run:a"))
    schedule.closed(1, state, "run:a")
    assert 1 not in schedule
    assert take_all(schedule) == [2]


def test_a_record_in_doubt_is_offered():
    """What is in doubt is settled when its turn in the lane comes, like any other delivery."""
    schedule = scheduled(pending(1, "run:a", state=State.RECEIVED), pending(2, "run:a"))
    schedule.closed(1, State.IN_DOUBT, "")
    assert take_all(schedule) == [1]


def test_a_create_stands_in_the_lane_of_what_it_made():
    """From its answer on, a create holds back later writes to the object and whoever waits for that lane."""
    schedule = scheduled(pending(1, state=State.RECEIVED))
    schedule.closed(1, State.ANSWERED, "run:a")
    schedule.opened(pending(2, "run:a"))
    schedule.opened(pending(3, "registered_model:m", ("run:a",)))
    assert take_all(schedule) == [1]
    schedule.finished(1)
    assert take_all(schedule) == [2]
    schedule.finished(2)
    assert take_all(schedule) == [3]


def test_a_create_that_gets_its_lane_late_goes_before_what_is_there():
    """Whoever was ready before an earlier create joined its lane waits for that create, and is then offered."""
    schedule = scheduled(
        pending(1, state=State.RECEIVED), pending(2, "experiment:5"), pending(3, "run:a", ("experiment:5",))
    )
    schedule.closed(1, State.ANSWERED, "experiment:5")
    for seq in (1, 2, 3):
        assert take_all(schedule) == [seq]
        schedule.finished(seq)


def test_a_ready_record_that_a_late_create_holds_back_is_not_lost():
    """A record that waits for a lane only, and was ready before an earlier create got that lane, is offered again."""
    schedule = scheduled(pending(1, state=State.RECEIVED), pending(2, "run:a", ("experiment:5",)))
    schedule.closed(1, State.ANSWERED, "experiment:5")
    assert take_all(schedule) == [1]
    schedule.finished(1)
    assert take_all(schedule) == [2]


def test_a_ready_record_that_a_reopened_fence_holds_back_is_not_lost():
    """A parked fence that is tried again goes before later records that were ready already."""
    schedule = scheduled(pending(2, "run:a"))
    schedule.opened(pending(1, "experiment:1", fence=True))
    assert take_all(schedule) == [1]
    schedule.finished(1)
    assert take_all(schedule) == [2]


def test_a_ready_fence_that_a_reopened_record_holds_back_is_not_lost():
    """A fence that was ready waits for an earlier record that came back, and is then offered."""
    schedule = scheduled(pending(2, "experiment:1", fence=True))
    schedule.opened(pending(1, "run:a"))
    assert take_all(schedule) == [1]
    schedule.finished(1)
    assert take_all(schedule) == [2]


def test_leaving_a_lane_frees_those_who_waited_in_it():
    """A record that moves to another lane no longer holds its old lane back."""
    schedule = scheduled(
        pending(1, "other:x", state=State.RECEIVED), pending(2, "other:x"), pending(3, "run:a", ("other:x",))
    )
    schedule.closed(1, State.ANSWERED, "run:b")
    assert take_all(schedule) == [1, 2]
    schedule.finished(2)
    assert take_all(schedule) == [3]


def test_what_is_put_back_is_offered_again():
    """A delivery that failed can be taken again, and until it is finished its lane waits."""
    schedule = scheduled(pending(1, "run:a"), pending(2, "run:a"))
    assert take_all(schedule) == [1]
    schedule.put_back(1)
    assert take_all(schedule) == [1]
    schedule.finished(1)
    assert take_all(schedule) == [2]


def test_a_taken_record_is_not_offered_twice():
    """While a record is being delivered nothing makes it ready again."""
    schedule = scheduled(pending(1, "run:a"), pending(2, "run:b"))
    assert take_all(schedule) == [1, 2]
    schedule.closed(1, State.ANSWERED, "run:a")
    schedule.finished(2)
    assert schedule.take() is None


def test_a_record_opened_twice_counts_once():
    """The journal's page and the recorder may both report a record; the second report changes nothing."""
    schedule = scheduled(pending(1, "run:a"), pending(1, "run:other", state=State.RECEIVED))
    assert len(schedule) == 1
    assert take_all(schedule) == [1]
    schedule.finished(1)
    assert len(schedule) == 0
    assert take_all(schedule) == []


def test_news_of_unknown_records_is_ignored():
    """Records outside the schedule's window can be closed, finished and put back without harm."""
    schedule = scheduled(pending(1, "run:a"))
    schedule.closed(9, State.ANSWERED, "run:a")
    schedule.finished(9)
    schedule.put_back(9)
    assert list(schedule.positions()) == [1]
    assert take_all(schedule) == [1]


def test_a_finished_record_can_come_back():
    """A record that was parked and is tried again stands at its old position, before what came later."""
    schedule = scheduled(pending(1, "run:a"), pending(2, "run:a"), pending(3, "experiment:1", fence=True))
    assert take_all(schedule) == [1]
    schedule.finished(1)
    schedule.opened(pending(1, "run:a"))
    assert take_all(schedule) == [1]
    schedule.finished(1)
    assert take_all(schedule) == [2]
    schedule.finished(2)
    assert take_all(schedule) == [3]


def test_a_stale_readiness_does_not_offer_a_record_whose_outcome_is_unknown():
    """A record that left while it was ready and came back as RECEIVED waits for its outcome."""
    schedule = scheduled(pending(1, "run:a"))
    schedule.finished(1)
    schedule.opened(pending(1, "run:a", state=State.RECEIVED))
    assert schedule.take() is None


# ------------------------------------------------------------------------------------------- against a naive schedule


@dataclass
class Known:
    """What the naive schedule knows of a record."""

    record: Pending
    lane: str
    answered: bool
    busy: bool = False


class Naive:
    """The rules, read aloud: every question looks at every pair of records."""

    def __init__(self) -> None:
        self.known: dict[int, Known] = {}

    def deliverable(self) -> set[int]:
        return {
            seq
            for seq, one in self.known.items()
            if one.answered and not one.busy and not any(self._holds(other, one) for other in self.known.values())
        }

    @staticmethod
    def _holds(other: Known, one: Known) -> bool:
        if other.record.seq >= one.record.seq:
            return False
        return (
            other.record.fence or one.record.fence or (other.lane != "" and other.lane in {one.lane, *one.record.after})
        )


LANES = ("run:a", "run:b", "experiment:1")
lanes = st.sampled_from(("", *LANES))
afters = st.lists(st.sampled_from(LANES), max_size=2).map(tuple)


class ScheduleAgainstNaive(RuleBasedStateMachine):
    """Any order of news; what is offered is allowed, and once nothing more is offered nothing deliverable is left."""

    gone = Bundle("gone")

    def __init__(self) -> None:
        super().__init__()
        self.schedule = Schedule()
        self.naive = Naive()
        self.last = 0

    def _open(self, record: Pending) -> None:
        self.schedule.opened(record)
        answered = record.state is not State.RECEIVED
        self.naive.known.setdefault(record.seq, Known(record, record.lane, answered))

    def _some(self, choice: int, wanted: list[int]) -> int | None:
        return sorted(wanted)[choice % len(wanted)] if wanted else None

    @rule(lane=lanes, after=afters, fence=st.sampled_from((False, False, False, True)), received=st.booleans())
    def a_record_is_opened(self, lane, after, fence, received):
        self.last += 1
        state = State.RECEIVED if received else State.ANSWERED
        self._open(pending(self.last, lane, after, fence=fence, state=state))

    @rule(choice=st.integers(0, 99))
    def a_record_is_opened_again(self, choice):
        seq = self._some(choice, list(self.naive.known))
        if seq is not None:
            self.schedule.opened(self.naive.known[seq].record)

    @rule(choice=st.integers(0, 99), lane=lanes, state=st.sampled_from((State.ANSWERED, State.IN_DOUBT)))
    def an_outcome_is_known(self, choice, lane, state):
        waiting = [seq for seq, one in self.naive.known.items() if not one.answered]
        seq = self._some(choice, waiting)
        if seq is None:
            return
        self.schedule.closed(seq, state, lane)
        known = self.naive.known[seq]
        known.answered, known.lane = True, lane or known.lane

    @rule(choice=st.integers(0, 99), target=gone)
    def an_outcome_leaves_nothing_to_do(self, choice):
        waiting = [seq for seq, one in self.naive.known.items() if not one.answered]
        seq = self._some(choice, waiting)
        if seq is None:
            return None
        self.schedule.closed(seq, State.REJECTED, "")
        return self.naive.known.pop(seq).record

    @precondition(lambda self: self.naive.known)
    @rule()
    def one_is_taken(self):
        allowed = self.naive.deliverable()
        seq = self.schedule.take()
        assert (seq is None) == (not allowed), f"allowed {allowed}, offered {seq}"
        if seq is not None:
            assert seq in allowed
            self.naive.known[seq].busy = True

    @precondition(lambda self: self.naive.known)
    @rule()
    def all_are_taken(self):
        while self.naive.deliverable():
            self.one_is_taken()
        self.one_is_taken()

    @rule(choice=st.integers(0, 99))
    def one_is_put_back(self, choice):
        seq = self._some(choice, [seq for seq, one in self.naive.known.items() if one.busy])
        if seq is not None:
            self.schedule.put_back(seq)
            self.naive.known[seq].busy = False

    @rule(choice=st.integers(0, 99), target=gone)
    def one_is_finished(self, choice):
        seq = self._some(choice, [seq for seq, one in self.naive.known.items() if one.busy])
        if seq is None:
            return None
        self.schedule.finished(seq)
        return self.naive.known.pop(seq).record

    @rule(record=consumes(gone))
    def one_is_reopened(self, record):
        if record is not None:
            self._open(replace(record, state=State.ANSWERED))

    @invariant()
    def both_know_the_same_records(self):
        assert set(self.schedule.positions()) == set(self.naive.known)


ScheduleAgainstNaive.TestCase.settings = settings(
    max_examples=150, stateful_step_count=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestScheduleAgainstNaive = ScheduleAgainstNaive.TestCase


@pytest.mark.parametrize("seed", range(40))
def test_everything_is_delivered_in_the_end(seed):
    """Whatever the records and the order in which deliveries end, only allowed ones are offered, none is forgotten."""
    chance = random.Random(seed)
    schedule, naive = Schedule(), Naive()
    count = 120
    unopened = list(range(1, count + 1))
    busy: list[int] = []
    delivered: list[int] = []
    while unopened or naive.known:
        what = chance.random()
        if unopened and what < 0.4:
            seq = unopened.pop(0)
            after = tuple(chance.sample(LANES, chance.choice((0, 0, 1, 2))))
            fence = chance.random() < 0.05
            state = chance.choice((State.RECEIVED, State.ANSWERED))
            record = pending(seq, chance.choice(("", *LANES)), after, fence=fence, state=state)
            schedule.opened(record)
            naive.known[seq] = Known(record, record.lane, state is not State.RECEIVED)
        elif what < 0.6 and (waiting := [seq for seq, one in naive.known.items() if not one.answered]):
            seq, lane = chance.choice(waiting), chance.choice(("", *LANES))
            schedule.closed(seq, State.ANSWERED, lane)
            naive.known[seq].answered, naive.known[seq].lane = True, lane or naive.known[seq].lane
        elif what < 0.8:
            allowed = naive.deliverable()
            taken = schedule.take()
            assert taken in allowed if allowed else taken is None
            if taken is not None:
                naive.known[taken].busy = True
                busy.append(taken)
        elif busy:
            seq = busy.pop(chance.randrange(len(busy)))
            if chance.random() < 0.2:
                naive.known[seq].busy = False
                schedule.put_back(seq)
            else:
                del naive.known[seq]
                schedule.finished(seq)
                delivered.append(seq)
    assert sorted(delivered) == list(range(1, count + 1))
    assert len(schedule) == 0
