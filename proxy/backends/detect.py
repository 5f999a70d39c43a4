"""Which MLflow version a server runs.

Servers since 2.1 say so under ``/version``. Older ones are told apart by what they have; the answer is then a version
of the group that behaves alike, never a guess beyond it. Source: the endpoint history, observed on real servers.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from proxy.core.messages import Request, Response
from proxy.core.mlflow_version import Version
from proxy.core.outcomes import parsed

Ask = Callable[[Request], Awaitable[Response]]

_API = "/api/2.0/mlflow"
_JSON = (("Content-Type", "application/json"),)
_WORKSPACES_SINCE = Version(3, 7)  # 3.6 has none, 3.10 has them; a server in between is asked
_BY_NAME = b'{"experiment_ids": ["0"], "filter": "attributes.run_name = \'a\'", "max_results": 1}'
"""Runs have names as attributes since 1.29; before, the filter is refused."""


async def detect_version(ask: Ask) -> Version | None:
    """Ask a server for its version; None when the answers fit no MLflow server.

    Raises: whatever ``ask`` raises when the server cannot be reached.
    """
    told = await ask(Request("GET", "/version"))
    if told.ok:
        try:
            return Version.parse(told.body.decode("utf-8", "replace"))
        except ValueError:
            return None
    if told.status not in {404, 405}:
        return None  # a failing server or something in between; its age cannot be told from that
    search = await ask(Request("POST", f"{_API}/experiments/search", headers=_JSON, body=b'{"max_results": 1}'))
    listing = await ask(Request("GET", f"{_API}/experiments/list", "max_results=1"))
    if search.ok:
        if not listing.ok:
            return Version(2, 0, 1)  # lists are gone, /version has not come yet
        names = await ask(Request("POST", f"{_API}/runs/search", headers=_JSON, body=_BY_NAME))
        return Version(1, 28, 0) if names.status == 400 else Version(1, 30, 1)
    if not listing.ok:
        return None
    latest = await ask(Request("POST", f"{_API}/registered-models/get-latest-versions", headers=_JSON, body=b"{}"))
    if latest.status not in {404, 405}:
        return Version(1, 23, 1)
    registry = await ask(Request("GET", f"{_API}/registered-models/list", "max_results=1"))
    if registry.ok:
        return Version(1, 20, 2)
    by_name = await ask(Request("GET", f"{_API}/experiments/get-by-name", "experiment_name=Default"))
    return Version(1, 10, 0) if by_name.ok or _is_json(by_name) else Version(1, 0, 0)


async def offers_workspaces(ask: Ask, version: Version | None) -> bool:
    """Whether a server has workspaces, or may have: only what it says itself, or is too old for, counts as a no.

    Raises: whatever ``ask`` raises when the server cannot be reached.
    """
    if version is not None and version < _WORKSPACES_SINCE:
        return False
    told = await ask(Request("GET", "/api/3.0/mlflow/server-info"))
    document = parsed(told.body) if told.ok else None
    return not isinstance(document, dict) or document.get("workspaces_enabled") is not False


def _is_json(answer: Response) -> bool:
    """Whether an answer is one of the API's, success or error; unknown paths are answered with a page."""
    try:
        return isinstance(json.loads(answer.body), dict)
    except ValueError:
        return False
