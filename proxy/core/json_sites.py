"""Read and replace values at named places of a JSON document.

A site is a path of keys joined by dots; ``[]`` after a key means every element of that list, and a leading ``**.``
means the rest may begin at any depth: ``run.info.experiment_id``, ``experiment_ids[]``, ``**.experimentId``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=4096)
def _steps(site: str) -> tuple[tuple[str, bool], ...]:
    """``"runs[].info.id"`` -> ``(("runs", True), ("info", False), ("id", False))``."""
    return tuple((part[:-2], True) if part.endswith("[]") else (part, False) for part in site.split("."))


def holders(document: Any, site: str) -> Iterator[tuple[Any, Any]]:
    """Every ``(container, key)`` such that ``container[key]`` is a value at the site."""
    if site.startswith("**."):
        yield from _at_any_depth(document, _steps(site[3:]))
    else:
        yield from _walk(document, _steps(site))


def values(document: Any, site: str) -> Iterator[Any]:
    """The values at the site, in document order."""
    for container, key in holders(document, site):
        yield container[key]


def first(document: Any, site: str) -> Any:
    """The first value at the site, None when there is none."""
    return next(values(document, site), None)


def as_list(value: Any) -> list[Any]:
    """A list as it is; anything else has no elements."""
    return value if isinstance(value, list) else []


def as_map(value: Any) -> dict[str, Any]:
    """An object as it is; anything else has no fields."""
    return value if isinstance(value, dict) else {}


def integer(value: Any) -> int | None:
    """A whole number as JSON or a query carries it, in digits or as text; None when it is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def maps_in(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; anything else holds none."""
    return [each for each in as_list(value) if isinstance(each, dict)]


def _walk(node: Any, steps: tuple[tuple[str, bool], ...]) -> Iterator[tuple[Any, Any]]:
    (key, many), rest = steps[0], steps[1:]
    if not isinstance(node, dict) or key not in node:
        return
    value = node[key]
    if many:
        if not isinstance(value, list):
            return
        for index, element in enumerate(value):
            if rest:
                yield from _walk(element, rest)
            else:
                yield value, index
    elif rest:
        yield from _walk(value, rest)
    elif value is not None:
        yield node, key


def _at_any_depth(node: Any, steps: tuple[tuple[str, bool], ...]) -> Iterator[tuple[Any, Any]]:
    """In document order; without recursion, because a body may be nested as deeply as its sender likes."""
    ahead = [node]
    while ahead:
        here = ahead.pop()
        if isinstance(here, dict):
            yield from _walk(here, steps)
            ahead.extend(reversed(here.values()))
        elif isinstance(here, list):
            ahead.extend(reversed(here))
