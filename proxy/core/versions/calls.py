"""HTTP requests into calls, and calls into the HTTP requests of one server version.

A call names an operation and its arguments and forgets how they travelled, so a difference in path, prefix or method
alone needs no version change: a GET that became a POST is read from the query and written as a body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from proxy.core.endpoints.catalogue import CATALOGUE, render
from proxy.core.endpoints.spec import Match
from proxy.core.messages import Headers, Request
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call
from proxy.core.versions.reach import refusal, route_on
from proxy.errors import RequestError

LIST_FIELDS = frozenset({"experiment_ids", "order_by", "stages", "metric_keys", "run_ids", "trace_ids", "request_ids"})
"""Fields that stay lists when a query names them once, because a query cannot tell a list of one from a scalar."""

INTEGER_FIELDS = frozenset({"max_results"})
"""Fields whose digits become a number in a JSON body: 1.30.1 compares ``max_results`` of runs/search as it came."""

SAY_TWICE = frozenset({"FinalizeLoggedModel", "LogLoggedModelParams"})
"""Operations whose servers want the parameters of the path in the body as well (3.17.2 answers 400 without)."""

_QUERY_METHODS = frozenset({"GET", "HEAD"})
_REPLACED_HEADERS = frozenset({"content-type", "content-length", "content-encoding", "transfer-encoding"})
_PARAMETER = re.compile(r"\{([^}:]+)(?::[^}]*)?\}")


class UnreadableBodyError(ValueError):
    """The body is not a JSON object. The bytes go on as they are, so that the server's own 4xx reaches the client."""


def read_call(match: Match, request: Request) -> Call:
    """Merge query, JSON body and path parameters of ``request``; the later of these wins where they clash.

    ``?run_id=a&order_by=b`` gives ``{"run_id": "a", "order_by": ["b"]}``. A field repeated in the query is a list.
    Bodies of GET and HEAD are ignored, as MLflow ignores them.

    Raises:
        UnreadableBodyError: the body is not a JSON object.
    """
    arguments = _read_query(request.query) if request.query else {}
    if request.method not in _QUERY_METHODS:
        try:
            arguments.update(jsontext.read_object(request.body))
        except ValueError as error:
            raise UnreadableBodyError(str(error)) from error
    arguments.update(match.params)
    return Call(match.operation.name, arguments)


def write_call(call: Call, version: Version, *, surface: str = "api", headers: Headers = ()) -> Request:
    """The request by which a server of ``version`` does ``call``.

    Args:
        call: lists become repeated query keys, booleans ``true``/``false``; None is left out of a query.
        version: the server's.
        surface: where the operation is looked for first, see ``Operation.route_for``.
        headers: taken over, except those that describe a body.

    Raises:
        CannotTranslateError: no route of that version does it.
        RequestError: a parameter of the path is missing or empty.
    """
    operation = CATALOGUE[call.operation]
    route = route_on(operation, version, surface)
    if route is None:
        raise refusal(operation, version)
    names = parameters(route.template)
    path = render(route, {name: _path_value(call, name) for name in names})
    rest = {name: value for name, value in call.arguments.items() if name not in names or call.operation in SAY_TWICE}
    kept = tuple((name, value) for name, value in headers if name.lower() not in _REPLACED_HEADERS)
    if route.method in _QUERY_METHODS:
        return Request(route.method, path, _write_query(rest), kept, known_as=call.known_as)
    for name in INTEGER_FIELDS & rest.keys():
        rest[name] = _integer(rest[name])
    described = (*kept, ("content-type", "application/json"))
    return Request(route.method, path, "", described, jsontext.write(rest), call.known_as)


@lru_cache(maxsize=2048)
def parameters(template: str) -> tuple[str, ...]:
    """The names of a path's parameters: ``/a/{b}/{c:path}`` has ``b`` and ``c``."""
    return tuple(_PARAMETER.findall(template))


def _read_query(query: str) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 or name in LIST_FIELDS else values[0] for name, values in found.items()}


def _write_query(arguments: Mapping[str, Any]) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in arguments.items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs.extend((name, _query_text(each)) for each in values if each is not None)
    return urlencode(pairs, errors="replace")


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return jsontext.write(value).decode()
    return str(value)


def _path_value(call: Call, name: str) -> str:
    value = call.arguments.get(name)
    if value is None or value == "":
        raise RequestError(f"{call.operation} needs a value for {name!r}")
    return str(value)


def _integer(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
