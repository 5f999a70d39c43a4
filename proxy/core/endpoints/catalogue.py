"""The catalogue: every operation of MLflow's API with its stated meaning and its derived routes.

Importing it joins the two and fails when they disagree: an operation without routes, or routes of an operation that
nobody described.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from proxy.core.endpoints import (
    admin,
    artifacts,
    automation,
    datasets,
    experiments,
    gateway,
    logged_models,
    mcp_servers,
    pages,
    registry,
    reviews,
    runs,
    traces,
)
from proxy.core.endpoints.matching import Matcher, render
from proxy.core.endpoints.routes import ROUTES, STUDIED
from proxy.core.endpoints.spec import Match, Operation, Route
from proxy.core.mlflow_version import Version

__all__ = ["APART", "CATALOGUE", "STUDIED_VERSIONS", "join", "match", "operations_missing_on", "render"]

_FAMILIES = (
    experiments,
    runs,
    registry,
    artifacts,
    logged_models,
    traces,
    datasets,
    reviews,
    mcp_servers,
    automation,
    gateway,
    admin,
    pages,
)

_Rows = Iterable[tuple[str, str, str, str, str, "str | None"]]

_version = lru_cache(maxsize=None)(Version.parse)


def join(described: Iterable[Operation], rows: _Rows) -> dict[str, Operation]:
    """Give every described operation its routes.

    Raises:
        ValueError: lists the names described twice, described without a route, and routed without a description.
    """
    routes: dict[str, list[Route]] = {}
    for name, surface, method, template, first, last in rows:
        until = None if last is None else _version(last)
        routes.setdefault(name, []).append(Route(surface, method, template, _version(first), until))
    joined: dict[str, Operation] = {}
    twice: list[str] = []
    for operation in described:
        if operation.name in joined:
            twice.append(operation.name)
        joined[operation.name] = replace(operation, routes=tuple(routes.get(operation.name, ())))
    problems = {
        "described twice": twice,
        "described without a route": sorted(joined.keys() - routes.keys()),
        "routed without a description": sorted(routes.keys() - joined.keys()),
    }
    if any(problems.values()):
        raise ValueError("; ".join(f"{what}: {', '.join(names)}" for what, names in problems.items() if names))
    return joined


CATALOGUE: Mapping[str, Operation] = join(
    (operation for family in _FAMILIES for operation in family.OPERATIONS), ROUTES
)

APART: frozenset[str] = frozenset(
    operation.name
    for family in (traces, datasets, reviews, mcp_servers, automation, gateway)
    for operation in family.OPERATIONS
)
"""Operations on kinds of objects that refer to experiments and runs and that nothing of those refers to, so that they
can live on another server than these."""

STUDIED_VERSIONS: tuple[Version, ...] = tuple(_version(text) for text in STUDIED)
"""The MLflow versions whose routes are known exactly; between two of them the older one's routes are assumed."""

_MATCHER = Matcher(CATALOGUE.values())


def match(method: str, path: str) -> Match | None:
    """The operation that a request asks for, None for what the catalogue does not know. See ``Matcher.match``."""
    return _MATCHER.match(method, path)


def operations_missing_on(version: Version) -> frozenset[str]:
    """Names of the operations that a server of ``version`` has on no surface."""
    return frozenset(
        name for name, found in CATALOGUE.items() if not any(route.serves(version) for route in found.routes)
    )
