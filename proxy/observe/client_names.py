"""Which MLflow client is calling, as labels from a bounded set.

``mlflow-python-client/2.9.2`` gives ``("python", "2.9.2")``. The version of a pre-release is cut to three numbers.
Anybody can send any User-Agent, so only a limited number of versions is ever named; what comes later is ``other``.
"""

from __future__ import annotations

import re

CLIENTS = ("python", "java", "r", "browser", "other")
UNKNOWN = "unknown"
OTHER = "other"

_MLFLOW = re.compile(r"mlflow-(python|java|r)-client(?:/(\d{1,4}\.\d{1,4}\.\d{1,4})(?!\d))?", re.IGNORECASE)
# What the Java and R clients send when they leave the header to their HTTP library.
_BY_LIBRARY = (("r", re.compile(r"r-curl/|httr/")), ("java", re.compile(r"Apache-HttpClient/|Java/")))
_MOST_REMEMBERED = 1000


class ClientNames:
    """Names clients by their User-Agent, remembering at most ``max_versions`` versions."""

    def __init__(self, max_versions: int = 50) -> None:
        self._max_versions = max_versions
        self._versions: set[str] = set()
        self._known: dict[str, tuple[str, str]] = {}

    def identify(self, user_agent: str) -> tuple[str, str]:
        """The client (one of ``CLIENTS``) and its version (``x.y.z``, ``unknown`` or ``other``)."""
        found = self._known.get(user_agent)
        if found is None:
            client, version = parse(user_agent)
            found = (client, self._bounded(version))
            if len(self._known) < _MOST_REMEMBERED:
                self._known[user_agent] = found
        return found

    def _bounded(self, version: str) -> str:
        if version == UNKNOWN or version in self._versions:
            return version
        if len(self._versions) >= self._max_versions:
            return OTHER
        self._versions.add(version)
        return version


def parse(user_agent: str) -> tuple[str, str]:
    """Client and version by the User-Agent alone."""
    found = _MLFLOW.search(user_agent)
    if found is not None:
        return found[1].lower(), found[2] or UNKNOWN
    if user_agent.startswith("Mozilla/"):
        return "browser", UNKNOWN
    return next((name for name, pattern in _BY_LIBRARY if pattern.search(user_agent)), OTHER), UNKNOWN
