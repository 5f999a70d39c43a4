"""The gates of a cutover or rollback: what must hold before the other side may serve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from proxy.core.messages import Side
from proxy.core.reports import GateReport
from proxy.core.writes import State
from proxy.errors import PreconditionFailedError
from proxy.services.gate import Gate
from proxy.services.mirror import Mirror
from proxy.services.ports import Backend, JournalStore

Check = Callable[[Side], Awaitable[tuple[str, str, bool]]]
"""Asked about the side that is to serve; answers value, threshold, and whether that is fine."""


class Gates:
    """Looks at every gate, in a fixed order."""

    def __init__(self, journal: JournalStore, mirror: Mirror, gate: Gate, backends: Mapping[Side, Backend]) -> None:
        self._journal = journal
        self._gate = gate
        self._mirror = mirror
        self._backends = backends
        self._checks: Mapping[str, Check] = {
            "healthy": self._healthy,
            "version_known": self._version_known,
            "in_flight": self._in_flight,
            "delivered": self._delivered,
            "in_doubt": self._none_in(State.IN_DOUBT),
            "parked": self._none_in(State.PARKED),
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The gates that can be waived by name."""
        return tuple(self._checks)

    def require_known(self, waive: Sequence[str]) -> None:
        """Refuse a waiver that names no gate: a typing error must not look like a waiver.

        Raises:
            PreconditionFailedError: with the names that exist.
        """
        unknown = sorted(set(waive) - set(self._checks))
        if unknown:
            raise PreconditionFailedError(
                f"there is no gate named {', '.join(unknown)}", hint=f"Gates: {', '.join(self._checks)}."
            )

    async def look(self, side: Side, waive: Sequence[str]) -> tuple[GateReport, ...]:
        """Every gate for making ``side`` serve."""
        reports = []
        for name, check in self._checks.items():
            value, threshold, fine = await check(side)
            reports.append(GateReport(name, value, threshold, fine, waived=name in waive))
        return tuple(reports)

    async def _healthy(self, side: Side) -> tuple[str, str, bool]:
        fine = await self._backends[side].healthy()
        return f"{side.value} {'answers' if fine else 'does not answer'}", f"{side.value} answers", fine

    async def _version_known(self, side: Side) -> tuple[str, str, bool]:
        version = self._backends[side].version
        return str(version or "unknown"), "known", version is not None

    async def _in_flight(self, _side: Side) -> tuple[str, str, bool]:
        """Only while writes are held does anything but 0 stand in the way: before, clients come and go."""
        count = self._gate.in_flight if self._gate.held else 0
        return f"{count} under way", "0 under way", count == 0

    async def _delivered(self, _side: Side) -> tuple[str, str, bool]:
        counts = await self._journal.counts()
        waiting = counts.get(State.ANSWERED, 0) + counts.get(State.RECEIVED, 0)
        fine = waiting == 0 and (self._mirror.idle() or not self._gate.held)
        return f"{waiting} waiting", "0 waiting", fine

    def _none_in(self, state: State) -> Check:
        async def check(_side: Side) -> tuple[str, str, bool]:
            count = (await self._journal.counts()).get(state, 0)
            return str(count), "0", count == 0

        return check
