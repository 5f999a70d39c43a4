"""Which path a server offers for an operation, and the words for when it offers none.

The catalogue knows the releases that were studied. A server between two of them (2.4.2, between 2.3.2 and 2.5.0) may
or may not have what came or went in between. It is asked, and only its own "no such page" counts as a no.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

from proxy.core.endpoints.features import FEATURE_OF
from proxy.core.endpoints.routes import STUDIED
from proxy.core.endpoints.spec import Kind, Match, Operation, Route
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.errors import CannotTranslateError

_STUDIED = tuple(sorted(map(Version.parse, STUDIED)))


def route_on(operation: Operation, version: Version, surface: str) -> Route | None:
    """The route by which a server of ``version`` does ``operation`` for certain, else perhaps, else None."""
    certain = operation.route_for(version, surface)
    if certain is not None:
        return certain
    for neighbour in _neighbours(version):
        perhaps = operation.route_for(neighbour, surface)
        if perhaps is not None:
            return perhaps
    return None


def certain(operation: Operation, version: Version) -> bool:
    """Whether some route of ``operation`` is known to be served by ``version``."""
    return any(route.serves(version) for route in operation.routes)


def reachable(match: Match, version: Version) -> bool:
    """Whether a server of ``version`` may have the operation; pages of the UI always pass, they are its own affair."""
    operation = match.operation
    if operation.kind is Kind.UI or certain(operation, version):
        return True
    return route_on(operation, version, match.route.surface) is not None


def no_such_page(answer: Response) -> bool:
    """Whether an answer says that the path or its method is unknown: MLflow does so with a page, never with JSON."""
    return answer.status in {404, 405} and jsontext.read_answer(answer) is None


def refusal(operation: Operation, version: Version) -> CannotTranslateError:
    """Why a server of ``version`` cannot do ``operation``, in words that name what would.

    The bounds are the oldest and newest release *studied* that do, so the true first release may be a little older.
    """
    first = min((route.first for route in operation.routes), default=version)
    lasts = [route.last for route in operation.routes if route.last is not None]
    if version < first or not lasts:
        bound, advice = f">= {first}", _UPGRADE
    else:
        bound = f"<= {max(lasts)}"
        advice = _ROLES if "Permission" in operation.name else _DROPPED
    feature = FEATURE_OF.get(operation.name)
    hint = advice if feature is None else f"Needed for {feature.words}. {advice}"
    return CannotTranslateError(f"{operation.name} needs an MLflow server {bound}; this one is {version}", hint=hint)


_TABLE = "docs/compat.md of Tightrope lists what works"
_UPGRADE = f"Upgrade the server behind Tightrope, or do without until then; {_TABLE}."
_ROLES = f"Roles replaced the permissions of single objects, use the server's roles API; {_TABLE}."
_DROPPED = f"Newer servers dropped it, and have nothing that means the same; {_TABLE}."


@lru_cache(maxsize=64)
def _neighbours(version: Version) -> tuple[Version, ...]:
    """The studied versions next to one that was not studied, newer first; none for a studied one."""
    at = bisect_left(_STUDIED, version)
    if at < len(_STUDIED) and _STUDIED[at] == version:
        return ()
    newer, older = _STUDIED[at : at + 1], _STUDIED[max(at - 1, 0) : at]
    return newer + older
