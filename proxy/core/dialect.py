"""Who is asking: the client's name and MLflow version. The one place that reads a User-Agent."""

from __future__ import annotations

import re
from functools import lru_cache

from proxy.core.mlflow_version import Version

CLIENTS = ("python", "java", "r", "browser", "other")

_MLFLOW = re.compile(
    r"mlflow-(python|java|r)-client(?:/(\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)(?!\d|\.\d))?",
    re.IGNORECASE,
)
# What the Java and R clients send when they leave the header to their HTTP library.
_BY_LIBRARY = (("r", re.compile(r"r-curl/|httr/")), ("java", re.compile(r"Apache-HttpClient/|Java/")))


@lru_cache(maxsize=1024)
def client_of(user_agent: str) -> tuple[str, Version | None]:
    """``("python", Version(1, 30, 1))`` and the like; the name is one of ``CLIENTS``.

    Python clients say their version in every release; that of a pre-release is cut to three numbers. Java clients say
    ``mlflow-java-client/…`` or their HTTP library's name, as R's do. Whoever does not say a version speaks exactly the
    path that it used (None).
    """
    found = _MLFLOW.search(user_agent)
    if found is not None:
        return found[1].lower(), Version.parse(found[2]) if found[2] else None
    if user_agent.startswith("Mozilla/"):
        return "browser", None
    return next((name for name, pattern in _BY_LIBRARY if pattern.search(user_agent)), "other"), None


def version_of(user_agent: str, declared: str) -> Version | None:
    """The version of MLflow that a client speaks.

    Args:
        user_agent: the header of that name.
        declared: ``X-MLflow-Client-Version``, which Python clients since 3.6 send as well; it counts where a program
            put its own name into the user agent.
    """
    version = client_of(user_agent)[1]
    if version is not None or not declared:
        return version
    try:
        return Version.parse(declared)
    except ValueError:
        return None
