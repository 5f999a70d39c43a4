"""Which clients have been seen, what they did and what they needed, for the status page and the upgrade's planning.

A request costs a few additions. Everything is bounded: ``ClientNames`` limits the versions it names and so the clients,
the catalogue limits the operations and the bundle the changes, and a limit over all stands above the pairs of client
and operation. Counts outlive the process (``census_keeper.py``); a client not seen for a month is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from proxy.observe.client_names import ClientNames

MAX_PAIRS = 4000
"""Pairs of client and operation that are remembered; a busy deployment has some hundreds."""

FORGET_AFTER_S = 30 * 86_400.0
SHOWN_CHANGES = 5

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class ClientSeen:
    """One kind and version of client, for people. Times are seconds since the epoch.

    ``translated`` counts requests that a version change had to do with, ``refused`` those for which the server lacks
    what it takes. ``changes`` are the most frequent of the changes, with counts.
    """

    client: str
    version: str
    requests: int
    translated: int
    last_seen: float
    first_seen: float = 0.0
    refused: int = 0
    last_translated: float | None = None
    changes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClientUse:
    """Which operations a kind and version of client used, and when last."""

    client: str
    version: str
    operations: Mapping[str, float]


@dataclass(slots=True)
class _Client:
    requests: int = 0
    translated: int = 0
    refused: int = 0
    first_seen: float = 0.0
    last_seen: float = 0.0
    last_translated: float | None = None
    changes: dict[str, int] = field(default_factory=dict)
    operations: dict[str, float] = field(default_factory=dict)


class Census:
    """Counts clients by what their User-Agent says."""

    def __init__(self) -> None:
        self._names = ClientNames()
        self._clients: dict[tuple[str, str], _Client] = {}
        self._pairs = 0
        self.changed = False
        """Whether something was noted since ``dumped`` was called."""

    def note(
        self, user_agent: str, operation: str, translated: Sequence[str], now: float, *, refused: bool = False
    ) -> None:
        """Count one request.

        Args:
            user_agent: who sent it.
            operation: its name, ``unknown`` for what the catalogue does not know.
            translated: names of the version changes that acted.
            now: seconds since the epoch.
            refused: the server has no way to do it.
        """
        self.changed = True
        key = self._names.identify(user_agent)
        client = self._clients.get(key)
        if client is None:
            client = self._clients[key] = _Client(first_seen=now)
        client.requests += 1
        client.refused += refused
        client.last_seen = max(client.last_seen, now)
        if translated:
            client.translated += 1
            client.last_translated = max(client.last_translated or 0.0, now)
            for change in translated:
                client.changes[change] = client.changes.get(change, 0) + 1
        if operation in client.operations:
            client.operations[operation] = now
        elif self._pairs < MAX_PAIRS and operation != "unknown":
            client.operations[operation] = now
            self._pairs += 1

    def seen(self) -> tuple[ClientSeen, ...]:
        """What was counted, the busiest first."""
        found = (
            ClientSeen(
                name,
                version,
                client.requests,
                client.translated,
                client.last_seen,
                client.first_seen,
                client.refused,
                client.last_translated,
                dict(sorted(client.changes.items(), key=lambda each: (-each[1], each[0]))[:SHOWN_CHANGES]),
            )
            for (name, version), client in self._clients.items()
        )
        return tuple(sorted(found, key=lambda each: (-each.requests, each.client, each.version)))

    def uses(self) -> tuple[ClientUse, ...]:
        """Which operations each client used."""
        return tuple(ClientUse(*key, dict(client.operations)) for key, client in self._clients.items())

    def dumped(self, now: float) -> str:
        """Everything as text, for ``restore``; clients not seen for a month are forgotten here."""
        self.changed = False
        old = [key for key, client in self._clients.items() if client.last_seen < now - FORGET_AFTER_S]
        for key in old:
            self._pairs -= len(self._clients.pop(key).operations)
        clients = [{"name": list(key), **asdict(client)} for key, client in self._clients.items()]
        return json.dumps({"format": _FORMAT, "clients": clients})

    def restore(self, text: str, operations: Iterable[str], changes: Iterable[str]) -> None:
        """Take up what an earlier process counted; to be called before anything is noted.

        Args:
            text: from ``dumped``.
            operations: the names that are known; others are left out, they may have been renamed.
            changes: the same for changes.

        Raises:
            ValueError: the text is not of this form.
        """
        try:
            content = json.loads(text)
            if content["format"] != _FORMAT:
                raise ValueError(f"unknown format {content['format']!r}")
            found = {tuple(each.pop("name")): _Client(**each) for each in content["clients"]}
            known_operations, known_changes = set(operations), set(changes)
            for client in found.values():
                client.operations = _only(client.operations, known_operations)
                client.changes = _only(client.changes, known_changes)
            named = [(name, version, client) for (name, version), client in found.items()]
        except (KeyError, TypeError, AttributeError) as exc:
            raise ValueError(f"no census: {exc}") from exc
        for name, version, client in named:
            self._clients[name, self._names.bounded(version)] = client
            self._pairs += len(client.operations)


def _only(counted: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    return {name: value for name, value in counted.items() if name in known}
