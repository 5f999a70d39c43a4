"""Which path a server offers for an operation, and the words for when it offers none.

The catalogue knows the releases that were studied. A server between two of them (2.4.2, between 2.3.2 and 2.5.0) may
or may not have what came or went in between. It is asked, and only its own "no such page" counts as a no.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.endpoints.features import FEATURE_OF
from proxy.core.endpoints.routes import STUDIED
from proxy.core.endpoints.spec import Kind, Match, Operation, Route
from proxy.core.messages import Request, Response
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


def named(request: Request, version: Version | None) -> Response:
    """What replaces a server's page that says "not found" to a path of the API: MLflow's own error, saying whose path.

    MLflow's clients read JSON errors; of a page they show the mark-up.
    """
    server = f"MLflow {version}, the server behind the proxy," if version is not None else "The server behind the proxy"
    text = f"{server} has no endpoint {request.method} {request.path}"
    if version is not None and (operation := _lacking(request.path, version)) is not None:
        text = f"{text}. {refusal(operation, version).hint} ({feature_absent(operation, version)}.)"
    return jsontext.answer({"error_code": "ENDPOINT_NOT_FOUND", "message": text}, status=404)


def _lacking(path: str, version: Version) -> Operation | None:
    """The oldest operation of the family of a path, where the server has none of that family at all."""
    family = _family(path)
    known = [operation for operation in CATALOGUE.values() if family and family in map(_family, _templates(operation))]
    if not known or any(route_on(operation, version, "api") for operation in known):
        return None
    return min(known, key=lambda operation: min(route.first for route in operation.routes))


def _templates(operation: Operation) -> tuple[str, ...]:
    return tuple(route.template for route in operation.routes)


def _family(path: str) -> str:
    """``traces`` of ``/api/3.0/mlflow/traces/tr-1/tags``."""
    return path.partition("/mlflow/")[2].partition("/")[0]


def is_api(path: str) -> bool:
    """Whether MLflow's own clients would expect JSON there."""
    return path.startswith(("/api/", "/ajax-api/"))


def refusal(operation: Operation, version: Version) -> CannotTranslateError:
    """Why a server of ``version`` cannot do ``operation``, in words that name what would.

    The bounds are the oldest and newest release *studied* that do, so the true first release may be a little older.
    """
    dropped = _ROLES if "Permission" in operation.name else _DROPPED
    advice = _UPGRADE if _too_old(operation, version) else dropped
    feature = FEATURE_OF.get(operation.name)
    hint = advice if feature is None else f"Needed for {feature.words}. {advice}"
    return CannotTranslateError(feature_absent(operation, version), hint=hint)


def feature_absent(operation: Operation, version: Version) -> str:
    """The fact alone: ``StartTrace needs an MLflow server >= 2.14.3; this one is 1.30.1``."""
    if _too_old(operation, version):
        bound = f">= {min((route.first for route in operation.routes), default=version)}"
    else:
        bound = f"<= {max(route.last for route in operation.routes if route.last is not None)}"
    return f"{operation.name} needs an MLflow server {bound}; this one is {version}"


def _too_old(operation: Operation, version: Version) -> bool:
    first = min((route.first for route in operation.routes), default=version)
    return version < first or all(route.last is None for route in operation.routes)


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
