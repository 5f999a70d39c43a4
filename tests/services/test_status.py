"""The status view."""

import json
from collections.abc import Mapping
from typing import Any

from proxy.core.cutover import Phase
from proxy.core.messages import Side
from proxy.core.mlflow_version import Version
from proxy.core.writes import State
from proxy.errors import StorageError
from proxy.services.census import ClientSeen
from proxy.services.outlook_view import Outlook
from proxy.services.status import HoldView, SideView, StatusView, build_status


class Journal:
    """A journal with fixed figures."""

    def __init__(self, counts: Mapping[State, int] | None = None, oldest: float | None = None) -> None:
        self._counts = counts or {}
        self._oldest = oldest

    async def counts(self) -> Mapping[State, int]:
        return self._counts

    async def oldest_pending(self) -> float | None:
        return self._oldest

    async def size_bytes(self) -> int:
        return 4096


class BrokenJournal(Journal):
    """A journal whose database is gone."""

    async def counts(self) -> Mapping[State, int]:
        raise StorageError("no such table")


class Probe:
    """A server that detects its version when it is asked for its health."""

    def __init__(self, healthy: bool = True) -> None:
        self.version: Version | None = None
        self._healthy = healthy

    async def healthy(self) -> bool:
        if self._healthy:
            self.version = Version(2, 22, 4)
        return self._healthy


async def view(**changes: Any) -> StatusView:
    """A status while mirroring between two healthy servers, with ``changes``."""
    inputs: dict[str, Any] = {
        "version": "0.1.0",
        "started_at": 100.0,
        "now": 200.0,
        "phase": Phase.MIRRORING,
        "hold": HoldView(),
        "journal": Journal(),
        "sides": {Side.BLUE: ("http://blue", Probe()), Side.GREEN: ("http://green", Probe())},
        "open_divergences": {},
        "clients": (),
    }
    return await build_status(**{**inputs, **changes})


async def test_all_well_has_no_problems():
    """Two healthy servers and an empty journal."""
    found = await view()
    assert (found.phase, found.serving, found.following, found.lag_s) == ("mirroring", "blue", "green", 0.0)
    assert found.sides == {
        "blue": SideView("http://blue", "2.22.4", True),
        "green": SideView("http://green", "2.22.4", True),
    }
    assert found.journal == {state.value: 0 for state in State}
    assert found.problems == ()


async def test_lag_is_the_age_of_the_oldest():
    """And never negative, when clocks disagree."""
    assert (await view(journal=Journal(oldest=190.0))).lag_s == 10.0
    assert (await view(journal=Journal(oldest=300.0))).lag_s == 0.0


async def test_what_wants_an_eye_stands_out():
    """In doubt and parked have figures of their own, and parked is a problem."""
    found = await view(journal=Journal({State.IN_DOUBT: 2, State.PARKED: 3}))
    assert (found.in_doubt, found.parked) == (2, 3)
    assert any("parked" in problem for problem in found.problems)


async def test_a_dead_server_is_a_problem_with_its_role():
    """An operator sees at once whether clients suffer."""
    found = await view(sides={Side.BLUE: ("http://blue", Probe(False)), Side.GREEN: ("http://green", Probe())})
    assert found.sides["blue"] == SideView("http://blue", None, False)
    assert found.problems == ("blue (http://blue) does not answer its health check; it serves clients now",)


async def test_a_broken_journal_still_has_a_status():
    """The status shows exactly when it is needed most."""
    found = await view(journal=BrokenJournal())
    assert found.lag_s is None
    assert found.journal == {}
    assert "no such table" in found.problems[0]


async def test_one_server_follows_nobody():
    """A translator has no other side."""
    found = await view(phase=Phase.BLUE_ONLY, sides={Side.BLUE: ("http://blue", Probe()), Side.GREEN: None})
    assert found.following is None
    assert found.sides["green"] is None


async def test_after_cutover_blue_follows():
    """The other way round, until green is alone."""
    assert (await view(phase=Phase.MIRRORING_BACK)).following == "blue"
    assert (await view(phase=Phase.GREEN_ONLY)).following is None


async def test_the_outlook_is_asked_with_the_versions_of_the_sides():
    """As they are once the sides were asked; a side that is not configured is left out."""
    asked: list[Mapping[str, str | None]] = []

    def outlook(versions: Mapping[str, str | None]) -> tuple[Outlook, ...]:
        asked.append(versions)
        return (Outlook("blue", "2.22.4", (), (), (), "Nobody."),)

    found = await view(sides={Side.BLUE: ("http://blue", Probe()), Side.GREEN: None}, outlook=outlook)
    assert asked == [{"blue": "2.22.4"}]
    assert found.outlook[0].line == "Nobody."
    assert StatusView.from_json(json.loads(json.dumps(found.to_json()))) == found


async def test_json_goes_both_ways():
    """What the API sends is what the command line reads."""
    found = await view(
        hold=HoldView(True, 4, 150.0),
        open_divergences={"run": 1},
        clients=(ClientSeen("python", "2.9.2", 5, 1, 190.0),),
        journal=Journal({State.PARKED: 1}),
    )
    assert StatusView.from_json(json.loads(json.dumps(found.to_json()))) == found
