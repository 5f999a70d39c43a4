"""What every IdStore promises."""

from __future__ import annotations

import pytest

from proxy.core.messages import Side
from proxy.core.records import IdEntry
from tests.contract.conftest import Stores


async def test_entries_are_found_from_every_side(stores: Stores):
    """Public, blue and green ids lead to the same entry; kinds are kept apart; unknown keys are absent."""
    entry = IdEntry("token", "p", "b", "g")
    await stores.ids.put([entry, IdEntry("experiment", "p", "7", "8")])
    assert await stores.ids.by_public([("token", "p"), ("token", "x")]) == {("token", "p"): entry}
    assert await stores.ids.by_local(Side.BLUE, [("token", "b"), ("token", "g")]) == {("token", "b"): entry}
    assert await stores.ids.by_local(Side.GREEN, [("token", "g"), ("experiment", "g")]) == {("token", "g"): entry}
    assert await stores.ids.by_public([]) == {}


async def test_an_entry_is_completed_and_never_emptied(stores: Stores):
    """A later put fills the other side; None never erases what is known; a new value replaces."""
    await stores.ids.put([IdEntry("token", "p", blue="b")])
    await stores.ids.put([IdEntry("token", "p", green="g")])
    await stores.ids.put([IdEntry("token", "p")])
    key = ("token", "p")
    assert await stores.ids.by_public([key]) == {key: IdEntry("token", "p", "b", "g")}
    await stores.ids.put([IdEntry("token", "p", green="g2")])
    assert await stores.ids.by_public([key]) == {key: IdEntry("token", "p", "b", "g2")}
    assert await stores.ids.by_local(Side.GREEN, [("token", "g")]) == {}


async def test_entries_of_one_put_build_on_each_other(stores: Stores):
    """Two halves in one call make one whole."""
    await stores.ids.put([IdEntry("token", "p", blue="b"), IdEntry("token", "p", green="g")])
    assert await stores.ids.by_public([("token", "p")]) == {("token", "p"): IdEntry("token", "p", "b", "g")}


async def test_a_local_id_claimed_twice_gives_the_first_public_id(stores: Stores):
    """The answer does not depend on the order of insertion."""
    await stores.ids.put([IdEntry("token", "z", blue="b"), IdEntry("token", "a", blue="b")])
    assert await stores.ids.by_local(Side.BLUE, [("token", "b")]) == {("token", "b"): IdEntry("token", "a", "b")}


async def test_differs_is_told_per_side(stores: Stores):
    """Only a known local id that is not the public one counts, and it stops counting once it is put right."""
    await stores.ids.put([IdEntry("token", "p", blue="p")])
    assert (await stores.ids.differs(Side.BLUE), await stores.ids.differs(Side.GREEN)) == (False, False)
    await stores.ids.put([IdEntry("token", "p", green="g")])
    assert (await stores.ids.differs(Side.BLUE), await stores.ids.differs(Side.GREEN)) == (False, True)
    await stores.ids.put([IdEntry("token", "p", green="p")])
    assert await stores.ids.differs(Side.GREEN) is False


@pytest.mark.parametrize(
    ("publics", "prefix", "highest"),
    [
        ([], "", 0),
        (["0", "9", "10"], "", 10),
        (["0"], "", 0),
        (["7", "007", "x8", "-9", "1e3", "٣"], "", 7),
        (["999999999999", "1000000000000"], "", 999999999999),
        (["m/2", "m/11", "m2/50", "n/99", "m/3/77", "m"], "m/", 11),
        (["ä%/4", "ä_/6"], "ä%/", 4),
    ],
)
async def test_the_highest_number_counts_plain_numbers_only(
    stores: Stores, publics: list[str], prefix: str, highest: int
):
    """Digits without a leading zero, below 10**12, directly after the prefix, of that kind."""
    await stores.ids.put([IdEntry("kind", public, blue="1") for public in publics])
    await stores.ids.put([IdEntry("other", f"{prefix}500", blue="1")])
    assert await stores.ids.highest_number("kind", prefix) == highest
