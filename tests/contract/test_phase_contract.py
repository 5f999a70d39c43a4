"""What every PhaseStore promises."""

from __future__ import annotations

from proxy.core.cutover import Phase
from tests.contract.conftest import Stores


async def test_a_new_state_has_no_phase(stores: Stores):
    """Nothing is stored, so the configuration decides."""
    assert await stores.phases.load() is None
    assert await stores.phases.audit_log() == []


async def test_a_saved_phase_replaces_the_one_before_and_is_audited(stores: Stores):
    """The last phase counts, and each save leaves an entry."""
    await stores.phases.save(Phase.MIRRORING, actor="ann", action="mirror", detail="", now=1.0)
    await stores.phases.save(Phase.MIRRORING_BACK, actor="bob", action="cutover", detail="waived lag", now=2.0)
    assert await stores.phases.load() is Phase.MIRRORING_BACK
    assert await stores.phases.audit_log() == [
        {"at": 2.0, "actor": "bob", "action": "cutover", "detail": "waived lag"},
        {"at": 1.0, "actor": "ann", "action": "mirror", "detail": ""},
    ]


async def test_the_audit_log_gives_the_newest_first(stores: Stores):
    """The limit keeps the newest, also among entries of the same instant."""
    for number in range(5):
        await stores.phases.audit(actor="ann", action=f"a{number}", detail="", now=1.0)
    assert [entry["action"] for entry in await stores.phases.audit_log(2)] == ["a4", "a3"]


async def test_facts_are_kept_by_name(stores: Stores):
    """A fact is replaced by the next of its name; an unknown one is None."""
    await stores.phases.set_fact("a", "1")
    await stores.phases.set_fact("b", "")
    await stores.phases.set_fact("a", "2")
    assert [await stores.phases.get_fact(name) for name in ("a", "b", "c")] == ["2", "", None]
