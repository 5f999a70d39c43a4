"""Public ids to local ids and back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from proxy.core.id_sites import EXPERIMENT, MODEL_VERSION, TOKEN, Ref
from proxy.core.idmap import ABSENT_EXPERIMENT
from proxy.core.messages import Side
from proxy.core.records import IdEntry, id_entry
from proxy.services.identity import Identity
from tests.fakes.memory_stores import MemoryIdStore, MemoryPhaseStore

BLUE, GREEN = Side.BLUE, Side.GREEN
RUN, TWIN = "0" * 32, "f" * 32


class Ids(MemoryIdStore):
    """Counts look-ups; ``hold`` makes them wait with what they found."""

    def __init__(self) -> None:
        super().__init__()
        self.lookups = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def by_public(self, keys: Sequence[Ref]) -> dict[Ref, IdEntry]:
        self.lookups += 1
        found = await super().by_public(keys)
        await self.answers.wait()
        return found

    async def by_local(self, side: Side, keys: Sequence[Ref]) -> dict[Ref, IdEntry]:
        self.lookups += 1
        found = await super().by_local(side, keys)
        await self.answers.wait()
        return found

    async def highest_number(self, kind: str, prefix: str = "") -> int:
        highest = await super().highest_number(kind, prefix)
        await asyncio.sleep(0)  # two who ask at the same time get the same answer
        return highest


@pytest.fixture
def ids() -> Ids:
    return Ids()


@pytest.fixture
async def identity(ids) -> Identity:
    return await started(ids)


async def started(ids: Ids, facts: MemoryPhaseStore | None = None) -> Identity:
    identity = Identity(ids, facts or MemoryPhaseStore())
    await identity.start()
    return identity


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


ANY = [(TOKEN, RUN), (EXPERIMENT, "3"), (MODEL_VERSION, "m/3")]

# --------------------------------------------------------------------------------------------------------- translation


@pytest.mark.parametrize("side", list(Side))
async def test_an_id_without_an_entry_is_the_same_on_both_sides(identity, side):
    """Objects that existed before the copy have one id, and messages that name them pass unchanged."""
    assert identity.plain(side)
    assert await identity.to_local(side, ANY) == {}
    assert await identity.to_public(side, ANY) == {}


async def test_a_known_id_is_translated_both_ways(identity):
    """What differs on a side is replaced when talking to it and replaced back in its answers."""
    await identity.learn([IdEntry(TOKEN, RUN, blue=RUN, green=TWIN), IdEntry(EXPERIMENT, "3", blue="3", green="8")])
    assert await identity.to_local(GREEN, ANY) == {(TOKEN, RUN): TWIN, (EXPERIMENT, "3"): "8"}
    assert await identity.to_local(BLUE, ANY) == {}
    assert await identity.to_public(GREEN, [(TOKEN, TWIN), (EXPERIMENT, "8")]) == {
        (TOKEN, TWIN): RUN,
        (EXPERIMENT, "8"): "3",
    }
    assert identity.plain(BLUE)
    assert not identity.plain(GREEN)


async def test_an_experiment_that_a_side_does_not_have_is_absent_there(identity):
    """The side is asked for a number that does not exist, so that it says "not found" and shows nothing wrong."""
    await identity.learn([id_entry(EXPERIMENT, "3", BLUE, "3")])
    assert await identity.to_local(GREEN, [(EXPERIMENT, "3")]) == {(EXPERIMENT, "3"): ABSENT_EXPERIMENT}
    assert await identity.to_local(BLUE, [(EXPERIMENT, "3")]) == {}


@pytest.mark.parametrize(
    ("entry", "ref", "absent"),
    [
        (IdEntry(EXPERIMENT, "11", green="3"), (EXPERIMENT, "3"), ABSENT_EXPERIMENT),
        (IdEntry(MODEL_VERSION, "m/11", green="m/3"), (MODEL_VERSION, "m/3"), f"m/{ABSENT_EXPERIMENT}"),
    ],
)
async def test_a_number_that_means_another_object_there_is_absent(identity, entry, ref, absent):
    """A public number without an entry never reaches the object that happens to have that number on a side."""
    await identity.learn([entry])
    assert await identity.to_local(GREEN, [ref]) == {ref: absent}
    assert await identity.to_local(BLUE, [ref]) == {}


async def test_a_run_that_a_side_does_not_have_keeps_its_id(identity):
    """Random tokens mean nothing else on the other side, so the side itself says that there is none."""
    await identity.learn([id_entry(TOKEN, RUN, BLUE, RUN)])
    assert await identity.to_local(GREEN, [(TOKEN, RUN)]) == {}


async def test_versions_of_other_models_do_not_matter(identity):
    """A number counts under its model's name only."""
    await identity.learn([IdEntry(MODEL_VERSION, "m/7", green="m/3")])
    assert await identity.to_local(GREEN, [(MODEL_VERSION, "n/3")]) == {}
    assert await identity.to_public(GREEN, [(MODEL_VERSION, "n/3"), (MODEL_VERSION, "m/3")]) == {
        (MODEL_VERSION, "m/3"): "m/7"
    }


async def test_the_stand_in_for_an_absent_experiment_is_nobodys_id(identity):
    """When a side repeats the number in its error message's fields, it is not taken for a new object."""
    await identity.learn([id_entry(EXPERIMENT, ABSENT_EXPERIMENT, BLUE, "5")])
    assert await identity.to_public(GREEN, [(EXPERIMENT, ABSENT_EXPERIMENT)]) == {}


# -------------------------------------------------------------------------------------------------------------- naming


@pytest.mark.parametrize("ref", ANY)
async def test_an_object_is_named_by_the_side_that_made_it(identity, ref):
    """While its id is free, the public id is the one that the serving side gave."""
    kind, local = ref
    assert await identity.publish(kind, BLUE, local) == id_entry(kind, local, BLUE, local)


@pytest.mark.parametrize(
    ("kind", "local", "public"),
    [(EXPERIMENT, "3", "12"), (MODEL_VERSION, "m/3", "m/12"), (MODEL_VERSION, "a/b/3", "a/b/12")],
)
async def test_a_number_that_is_taken_gets_a_fresh_one(identity, kind, local, public):
    """The object made later gets a public number above all in use, and only numbers of its own kind and name count."""
    prefix = local.rpartition("/")[0]
    taken = [f"{prefix}/{number}" if prefix else str(number) for number in (3, 11)]
    await identity.learn([id_entry(kind, name, BLUE, name) for name in taken])
    await identity.learn(
        [id_entry(EXPERIMENT, "11", BLUE, "11"), id_entry(MODEL_VERSION, "other/99", BLUE, "other/99")]
    )
    assert await identity.publish(kind, GREEN, local) == id_entry(kind, public, GREEN, local)


async def test_a_fresh_number_is_used_in_both_directions(identity):
    """The object is found under its public number, and the number it has on its side still means the older object."""
    await identity.learn([IdEntry(EXPERIMENT, "3", blue="3", green="8")])
    entry = await identity.publish(EXPERIMENT, GREEN, "3")
    await identity.learn([entry])
    assert entry.public == "4"
    refs = [(EXPERIMENT, "3"), (EXPERIMENT, "4")]
    assert await identity.to_local(GREEN, refs) == {(EXPERIMENT, "3"): "8", (EXPERIMENT, "4"): "3"}
    assert await identity.to_public(GREEN, [(EXPERIMENT, "3"), (EXPERIMENT, "8")]) == {
        (EXPERIMENT, "3"): "4",
        (EXPERIMENT, "8"): "3",
    }


async def test_a_known_object_keeps_its_name(identity):
    """Naming an object again gives the name that it has."""
    await identity.learn([IdEntry(EXPERIMENT, "3", blue="3", green="8")])
    assert (await identity.publish(EXPERIMENT, GREEN, "8")).public == "3"


async def test_reserved_numbers_are_never_given_out(ids):
    """Numbers in use on the side that stopped serving stay theirs, over a restart, and a reservation never shrinks."""
    facts = MemoryPhaseStore()
    first = await started(ids, facts)
    await first.reserve(20)
    await first.reserve(5)
    for identity in (first, await started(ids, facts)):
        assert (await identity.publish(EXPERIMENT, GREEN, "7")).public == "21"
        assert (await identity.publish(EXPERIMENT, GREEN, "20")).public == "22"
        assert (await identity.publish(EXPERIMENT, GREEN, "40")).public == "40"
        assert (await identity.publish(MODEL_VERSION, GREEN, "m/7")).public == "m/7"


async def test_objects_made_at_the_same_time_get_different_names(identity):
    """Two creates whose numbers are both taken never share a public number, stored or not."""
    await identity.reserve(10)
    entries = await asyncio.gather(*(identity.publish(EXPERIMENT, GREEN, str(number)) for number in (4, 5, 6)))
    assert sorted(entry.public for entry in entries) == ["11", "12", "13"]


async def test_a_fresh_number_is_not_given_to_the_next_object(identity):
    """A number that was made up for one object and not stored yet is taken for an object that has it by nature."""
    await identity.reserve(10)
    first = await identity.publish(EXPERIMENT, GREEN, "4")
    second = await identity.publish(EXPERIMENT, GREEN, first.public)
    assert first.public == "11"
    assert second.public == "12"


async def test_an_object_named_twice_before_it_is_stored_has_one_name(identity):
    """A create and a listing that see the same new object at the same time agree on its public number."""
    await identity.reserve(10)
    one, other = await asyncio.gather(*(identity.publish(EXPERIMENT, GREEN, "4") for _ in range(2)))
    assert one == other


async def test_an_unknown_object_in_an_answer_is_named(identity, ids):
    """An object that was made past the proxy, and has a number that is taken, gets a name that lasts."""
    await identity.learn([id_entry(EXPERIMENT, "3", BLUE, "3")])
    assert await identity.to_public(GREEN, [(EXPERIMENT, "3")]) == {(EXPERIMENT, "3"): "4"}
    assert ids.entries[EXPERIMENT, "4"] == IdEntry(EXPERIMENT, "4", green="3")
    assert await identity.to_local(GREEN, [(EXPERIMENT, "4")]) == {(EXPERIMENT, "4"): "3"}


# --------------------------------------------------------------------------------------------------------------- cache


async def test_what_was_looked_up_is_remembered(identity, ids):
    """The second message about the same ids asks the store nothing, whether they are known or not."""
    await identity.learn([IdEntry(TOKEN, RUN, blue=RUN, green=TWIN)])
    for _ in range(3):
        assert await identity.to_local(GREEN, ANY) == {(TOKEN, RUN): TWIN}
    assert ids.lookups == 2


async def test_learned_entries_are_visible_at_once(identity):
    """That an id was unknown a moment ago is forgotten as soon as it is learned."""
    assert await identity.to_local(GREEN, ANY) == {}
    assert await identity.to_public(GREEN, [(TOKEN, TWIN)]) == {}
    assert await identity.known((TOKEN, RUN)) is None
    await identity.learn([IdEntry(TOKEN, RUN, blue=RUN, green=TWIN)])
    assert await identity.to_local(GREEN, [(TOKEN, RUN)]) == {(TOKEN, RUN): TWIN}
    assert await identity.to_public(GREEN, [(TOKEN, TWIN)]) == {(TOKEN, TWIN): RUN}
    assert await identity.known((TOKEN, RUN)) is not None


async def test_an_entry_completed_later_is_visible_at_once(identity):
    """The other side's id is known from the moment it is learned, and the first side's is kept."""
    await identity.learn([id_entry(EXPERIMENT, "3", BLUE, "3")])
    assert await identity.to_local(GREEN, [(EXPERIMENT, "3")]) == {(EXPERIMENT, "3"): ABSENT_EXPERIMENT}
    await identity.learn([id_entry(EXPERIMENT, "3", GREEN, "8")])
    assert await identity.to_local(GREEN, [(EXPERIMENT, "3")]) == {(EXPERIMENT, "3"): "8"}
    assert await identity.to_local(BLUE, [(EXPERIMENT, "3")]) == {}


async def test_entries_stored_by_others_are_visible_once_told(identity, ids):
    """The journal stores ids in its own transaction; told of them, the cache forgets what it knew."""
    assert await identity.to_local(GREEN, ANY) == {}
    entry = IdEntry(TOKEN, RUN, blue=RUN, green=TWIN)
    ids.learn([entry])
    identity.learned([entry])
    assert await identity.to_local(GREEN, ANY) == {(TOKEN, RUN): TWIN}
    assert not identity.plain(GREEN)


@pytest.mark.parametrize("direction", ["to_local", "to_public"])
async def test_a_lookup_that_was_overtaken_is_not_remembered(identity, ids, direction):
    """A look-up that began before an entry was stored and ends after it does not hide that entry."""
    entry = IdEntry(TOKEN, RUN, blue=RUN, green=TWIN)
    ref = (TOKEN, RUN if direction == "to_local" else TWIN)
    ids.answers.clear()
    early = asyncio.ensure_future(getattr(identity, direction)(GREEN, [ref]))
    await settled()
    await identity.learn([entry])
    ids.answers.set()
    assert await early == {}
    assert ref in await getattr(identity, direction)(GREEN, [ref])


async def test_a_restart_knows_whether_anything_differs(ids):
    """The fast path is decided by what is stored."""
    assert (await started(ids)).plain(GREEN)
    ids.learn([IdEntry(TOKEN, RUN, blue=RUN, green=TWIN)])
    again = await started(ids)
    assert again.plain(BLUE)
    assert not again.plain(GREEN)
