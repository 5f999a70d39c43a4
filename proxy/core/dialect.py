"""Who is asking: the client's name and MLflow version."""

from __future__ import annotations

import re
from functools import lru_cache

from proxy.core.mlflow_version import Version

_PYTHON = re.compile(r"mlflow-python-client/(\S+)")
_JAVA = re.compile(r"mlflow-java-client/?(\S*)", re.IGNORECASE)
_R = re.compile(r"mlflow-r-client/(\S+)")


@lru_cache(maxsize=1024)
def client_of(user_agent: str) -> tuple[str, Version | None]:
    """``("python", Version(1, 30, 1))`` and the like.

    MLflow's clients for Python, Java and R say their version (Java's unless it was built without one; R's of old used
    their HTTP library's name); whoever does not say speaks exactly the path that they used (version None).
    Source: ``MlflowHttpCaller.java`` and ``tracking-rest.R``.
    """
    for name, pattern in (("python", _PYTHON), ("java", _JAVA), ("r", _R)):
        found = pattern.search(user_agent)
        if found is not None:
            return name, _version(found[1])
    if "libcurl" in user_agent and "httr" in user_agent:
        return "r", None
    if user_agent.startswith("Mozilla/"):
        return "browser", None
    return "other", None


def version_of(user_agent: str, declared: str) -> Version | None:
    """The version of MLflow that a client speaks.

    Args:
        user_agent: the header of that name.
        declared: ``X-MLflow-Client-Version``, which Python clients since 3.6 send as well; it counts where a program
            put its own name into the user agent.
    """
    return client_of(user_agent)[1] or (_version(declared) if declared else None)


def _version(text: str) -> Version | None:
    try:
        return Version.parse(text)
    except ValueError:
        return None
