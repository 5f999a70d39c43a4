"""Which MLflow client is calling, as labels from a bounded set.

``mlflow-python-client/2.9.2`` gives ``("python", "2.9.2")``; ``core/dialect.py`` reads the header. Anybody can send any
User-Agent, so only a limited number of versions is ever named; what comes later is ``other``.
"""

from __future__ import annotations

from proxy.core.dialect import client_of

UNKNOWN = "unknown"
OTHER = "other"

_MOST_REMEMBERED = 1000


class ClientNames:
    """Names clients by their User-Agent, remembering at most ``max_versions`` versions."""

    def __init__(self, max_versions: int = 50) -> None:
        self._max_versions = max_versions
        self._versions: set[str] = set()
        self._known: dict[str, tuple[str, str]] = {}

    def identify(self, user_agent: str) -> tuple[str, str]:
        """The client (one of ``core.dialect.CLIENTS``) and its version (``x.y.z``, ``unknown`` or ``other``)."""
        found = self._known.get(user_agent)
        if found is None:
            client, version = client_of(user_agent)
            found = (client, UNKNOWN if version is None else self.bounded(str(version)))
            if len(self._known) < _MOST_REMEMBERED:
                self._known[user_agent] = found
        return found

    def bounded(self, version: str) -> str:
        """A version as a label: itself while there is room for it, else ``other``."""
        if version in {UNKNOWN, OTHER} or version in self._versions:
            return version
        if len(self._versions) >= self._max_versions:
            return OTHER
        self._versions.add(version)
        return version
