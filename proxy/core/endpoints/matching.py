"""From a request's method and path to a route, and from a route and its parameters back to a path.

Servers decode percent-encoding once and tolerate doubled slashes, so matching does the same; a trailing slash is
another path to them, and so it is here. Two look-ups: paths without parameters in one dict; templated ones by their
longest literal beginning, below which only a few patterns have to be tried, those with the most literal text first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote, unquote

from proxy.core.endpoints.spec import Match, Operation, Route

_PARAMETER = re.compile(r"\{([^}:]+)(:path)?\}")
_SLASHES = re.compile(r"/{2,}")
_SAFE = "!$&'()*+,;=:@~"
"""What RFC 3986 lets stand in a segment; everything else of a parameter is percent-encoded."""

_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})

_Pattern = tuple["re.Pattern[str]", tuple[str, ...], Operation, Route]


class Matcher:
    """All routes, compiled once; a match takes a few microseconds."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._fixed: dict[tuple[str, str], Match] = {}
        self._below: dict[tuple[str, str], list[_Pattern]] = {}
        for operation in operations:
            for route in operation.routes:
                self._add(operation, route)
        for patterns in self._below.values():
            patterns.sort(key=lambda pattern: _specificity(pattern[3].template), reverse=True)
        self._depth = max((prefix.count("/") for _, prefix in self._below), default=0)

    def match(self, method: str, path: str) -> Match | None:
        """The operation that a request asks for, None when the catalogue does not know it.

        Args:
            method: as on the request line; HEAD counts as GET.
            path: as on the request line: percent-encoded, without the query.
        """
        if method == "HEAD":
            method = "GET"
        if "%" in path:
            path = unquote(path)
        if "//" in path:
            path = _SLASHES.sub("/", path)
        found = self._fixed.get((method, path))
        return found if found is not None else self._templated(method, path)

    def _templated(self, method: str, path: str) -> Match | None:
        for prefix in _prefixes(path, self._depth):
            for pattern, names, operation, route in self._below.get((method, prefix), ()):
                found = pattern.fullmatch(path, len(prefix))
                if found is not None:
                    return Match(operation, route, dict(zip(names, found.groups(), strict=True)))
        return None

    def _add(self, operation: Operation, route: Route) -> None:
        """A route that has gone never hides one of the same path that is still there."""
        if "{" not in route.template:
            known = self._fixed.get((route.method, route.template))
            if known is None or known.route.last is not None:
                self._fixed[route.method, route.template] = Match(operation, route, _NO_PARAMETERS)
            return
        prefix = route.template[: route.template.index("{")]
        prefix = prefix[: prefix.rindex("/") + 1]
        patterns = self._below.setdefault((route.method, prefix), [])
        same = next((index for index, known in enumerate(patterns) if known[3].template == route.template), None)
        if same is None:
            patterns.append((*_compiled(route.template[len(prefix) :]), operation, route))
        elif patterns[same][3].last is not None:
            patterns[same] = (*patterns[same][:2], operation, route)


def render(route: Route, params: Mapping[str, str]) -> str:
    """The path of a route, percent-encoded; parameters declared ``:path`` keep their slashes.

    Raises:
        KeyError: a parameter of the template is missing.
    """
    if "{" not in route.template:
        return route.template
    pieces: list[str] = []
    for literal, name, safe in _pieces(route.template):
        pieces.append(literal)
        if name:
            pieces.append(quote(params[name], safe=safe, errors="replace"))
    return "".join(pieces)


@lru_cache(maxsize=2048)
def _pieces(template: str) -> tuple[tuple[str, str, str], ...]:
    """``/a/{b}/{c:path}`` -> ``(("/a/", "b", SAFE), ("/", "c", SAFE + "/"))``; a literal end has an empty name."""
    pieces: list[tuple[str, str, str]] = []
    end = 0
    for found in _PARAMETER.finditer(template):
        pieces.append((template[end : found.start()], found[1], _SAFE + "/" if found[2] else _SAFE))
        end = found.end()
    if end < len(template):
        pieces.append((template[end:], "", ""))
    return tuple(pieces)


def _compiled(rest: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The pattern of what follows the literal beginning, and the names of its groups.

    A path parameter does not begin with a slash (Flask has it so); the others hold none at all.
    """
    text: list[str] = []
    names: list[str] = []
    for literal, name, safe in _pieces(rest):
        text.append(re.escape(literal))
        if name:
            names.append(name)
            text.append("([^/].*)" if "/" in safe else "([^/]+)")
    return re.compile("".join(text), re.DOTALL), tuple(names)


def _prefixes(path: str, depth: int) -> list[str]:
    """Beginnings of the path that end in a slash, longest first, with at most ``depth`` slashes."""
    found: list[str] = []
    end = path.find("/") + 1
    while end and len(found) < depth:
        found.append(path[:end])
        end = path.find("/", end) + 1
    found.reverse()
    return found


def _specificity(template: str) -> tuple[int, int, int]:
    """More literal text first; then parameters within a segment before those that span slashes."""
    literal = len(_PARAMETER.sub("", template))
    return literal, -template.count(":path}"), -template.count("{")
