"""The one view of a running proxy that the CLI, the JSON API and the operator page all show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from proxy.core.cutover import Phase
from proxy.core.messages import Side
from proxy.core.mlflow_version import Version
from proxy.core.writes import State
from proxy.errors import StorageError
from proxy.services.census import ClientSeen
from proxy.services.outlook_view import Outlook


@dataclass(frozen=True, slots=True)
class HoldView:
    """Whether clients' writes wait at the proxy, how many do, and since when (seconds since the epoch)."""

    held: bool = False
    waiting: int = 0
    since: float | None = None


@dataclass(frozen=True, slots=True)
class SideView:
    """One tracking server; ``version`` is None until it has answered."""

    url: str
    version: str | None
    healthy: bool


@dataclass(frozen=True, slots=True)
class StatusView:
    """What an operator wants to know at one glance.

    Attributes:
        version: Tightrope's.
        started_at: seconds since the epoch.
        phase: see ``core/cutover``.
        serving, following: sides; ``following`` is None where nothing is mirrored.
        lag_s: age of the oldest undelivered write; 0 when there is none, None while the journal cannot be read.
        journal: records by state; empty while the journal cannot be read.
        in_doubt, parked: two of these states that want an operator's eye.
        open_divergences: differences not repaired, by kind.
        clients: as seen since the state was made (a month at most), the busiest first.
        problems: what is wrong now, one sentence each; empty when all is well.
        outlook: per side, which clients would need Tightrope with it serving.
    """

    version: str
    started_at: float
    phase: str
    serving: str
    following: str | None
    hold: HoldView
    lag_s: float | None
    journal: Mapping[str, int]
    journal_bytes: int
    in_doubt: int
    parked: int
    open_divergences: Mapping[str, int]
    sides: Mapping[str, SideView | None]
    clients: tuple[ClientSeen, ...]
    problems: tuple[str, ...] = ()
    outlook: tuple[Outlook, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a JSON object with the attributes' names."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StatusView:
        """Read what ``to_json`` wrote."""
        return cls(
            **{
                **data,
                "hold": HoldView(**data["hold"]),
                "sides": {name: None if side is None else SideView(**side) for name, side in data["sides"].items()},
                "clients": tuple(ClientSeen(**each) for each in data["clients"]),
                "problems": tuple(data["problems"]),
                "outlook": tuple(map(Outlook.from_json, data.get("outlook", ()))),
            }
        )


class JournalFigures(Protocol):
    """The part of the journal store that the status reads."""

    async def counts(self) -> Mapping[State, int]: ...  # noqa: D102 - as in ports.JournalStore

    async def oldest_pending(self) -> float | None: ...  # noqa: D102 - as in ports.JournalStore

    async def size_bytes(self) -> int: ...  # noqa: D102 - as in ports.JournalStore


class SideProbe(Protocol):
    """The part of a backend that the status reads."""

    @property
    def version(self) -> Version | None: ...  # noqa: D102 - as in ports.Backend

    async def healthy(self) -> bool: ...  # noqa: D102 - as in ports.Backend


@dataclass(frozen=True, slots=True)
class JournalView:
    """The journal in figures; ``problem`` says why there are none."""

    counts: Mapping[str, int]
    size_bytes: int
    lag_s: float | None
    problem: str = ""


async def journal_view(journal: JournalFigures, now: float) -> JournalView:
    """Ask the journal; a store that fails makes a problem, not an error, because the status must always show."""
    try:
        counts = await journal.counts()
        oldest = await journal.oldest_pending()
        size_bytes = await journal.size_bytes()
    except StorageError as exc:
        return JournalView({}, 0, None, f"the journal cannot be read: {exc.message}")
    named = {state.value: counts.get(state, 0) for state in State}
    return JournalView(named, size_bytes, 0.0 if oldest is None else max(0.0, now - oldest))


async def side_view(url: str, probe: SideProbe) -> SideView:
    """Ask one server."""
    healthy = await probe.healthy()  # first: it may detect the version
    return SideView(url, None if probe.version is None else str(probe.version), healthy)


async def build_status(
    *,
    version: str,
    started_at: float,
    now: float,
    phase: Phase,
    hold: HoldView,
    journal: JournalFigures,
    sides: Mapping[Side, tuple[str, SideProbe] | None],
    open_divergences: Mapping[str, int],
    clients: Sequence[ClientSeen],
    outlook: Callable[[Mapping[str, str | None]], tuple[Outlook, ...]] | None = None,
) -> StatusView:
    """Put the view together.

    Args:
        version: Tightrope's.
        started_at: when it started, seconds since the epoch.
        now: the time, likewise.
        phase: the current one.
        hold: the gate's state.
        journal: asked for figures.
        sides: per side its URL (without credentials) and the backend to ask, None for a side that is not configured.
        open_divergences: by kind.
        clients: from the census.
        outlook: works out, from the versions of the sides, who would need Tightrope.
    """
    configured = {side.value: found for side, found in sides.items() if found is not None}
    probes = asyncio.gather(*(side_view(url, probe) for url, probe in configured.values()))
    figures, probed = await asyncio.gather(journal_view(journal, now), probes)
    views = dict.fromkeys((side.value for side in Side), None) | dict(zip(configured, probed, strict=True))
    following = phase.serving.other.value if phase.journals and views[phase.serving.other.value] is not None else None
    return StatusView(
        version=version,
        started_at=started_at,
        phase=phase.value,
        serving=phase.serving.value,
        following=following,
        hold=hold,
        lag_s=figures.lag_s,
        journal=figures.counts,
        journal_bytes=figures.size_bytes,
        in_doubt=figures.counts.get(State.IN_DOUBT.value, 0),
        parked=figures.counts.get(State.PARKED.value, 0),
        open_divergences=dict(open_divergences),
        sides=views,
        clients=tuple(clients),
        problems=tuple(_problems(phase, views, figures)),
        outlook=() if outlook is None else outlook({name: view.version for name, view in views.items() if view}),
    )


def _problems(phase: Phase, sides: Mapping[str, SideView | None], figures: JournalView) -> list[str]:
    found = [figures.problem] if figures.problem else []
    for name, side in sides.items():
        if side is not None and not side.healthy:
            role = "serves clients" if name == phase.serving.value else "does not serve clients"
            found.append(f"{name} ({side.url}) does not answer its health check; it {role} now")
    if figures.counts.get(State.PARKED.value, 0):
        found.append("records are parked: see `tightrope journal ls --state parked`")
    return found
