"""Who is asking: the client's name and MLflow version."""

from __future__ import annotations

import re
from functools import lru_cache

from proxy.core.mlflow_version import Version

_PYTHON = re.compile(r"mlflow-python-client/(\S+)")
_JAVA = re.compile(r"mlflow-java-client/?(\S*)", re.IGNORECASE)


@lru_cache(maxsize=1024)
def client_of(user_agent: str) -> tuple[str, Version | None]:
    """``("python", Version(1, 30, 1))`` and the like.

    Python clients say their version in every release. Java clients say ``mlflow-java-client/…``, R's use their HTTP
    library's name; whoever does not say speaks exactly the path that they used (version None).
    """
    for name, pattern in (("python", _PYTHON), ("java", _JAVA)):
        found = pattern.search(user_agent)
        if found is not None:
            return name, _version(found[1])
    if "libcurl" in user_agent and "httr" in user_agent:
        return "r", None
    if user_agent.startswith("Mozilla/"):
        return "browser", None
    return "other", None


def _version(text: str) -> Version | None:
    try:
        return Version.parse(text)
    except ValueError:
        return None
