"""Which clients have been seen: kinds and versions with counts, for the status page and the cutover's planning.

Bounded: ``ClientNames`` limits the versions it names, and so the entries here. Counts are of this process.
"""

from __future__ import annotations

from dataclasses import dataclass

from proxy.observe.client_names import ClientNames


@dataclass(frozen=True, slots=True)
class ClientSeen:
    """One kind and version of client. ``last_seen`` is seconds since the epoch."""

    client: str
    version: str
    requests: int
    translated: int
    last_seen: float


class Census:
    """Counts clients by what their User-Agent says."""

    def __init__(self) -> None:
        self._names = ClientNames()
        self._seen: dict[tuple[str, str], list[float]] = {}

    def note(self, user_agent: str, translated: bool, now: float) -> None:
        """Count one request, and whether it or its answer had to be translated."""
        entry = self._seen.setdefault(self._names.identify(user_agent), [0, 0, 0.0])
        entry[0] += 1
        entry[1] += translated
        entry[2] = max(entry[2], now)

    def seen(self) -> tuple[ClientSeen, ...]:
        """What was counted, the busiest first."""
        found = (
            ClientSeen(client, version, int(requests), int(translated), last_seen)
            for (client, version), (requests, translated, last_seen) in self._seen.items()
        )
        return tuple(sorted(found, key=lambda each: (-each.requests, each.client, each.version)))
