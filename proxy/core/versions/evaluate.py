"""Clauses evaluated and entities ordered on our side, as MLflow's SQL stores do it.

What the clause is about may be there several times on one entity (its datasets): one that fits is enough. Where it is
not there at all no comparison holds, not even ``!=``; only ``IS NULL`` does.
Source: ``SearchUtils`` and ``SqlAlchemyStore`` of 3.17.2. SQL's LIKE rather than ``SearchUtils``' is followed where the
two differ: a wildcard also stands for line breaks.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from proxy.core.versions.filters import Literal
from proxy.core.versions.wildcards import like

Value = str | int | float
Entity = TypeVar("Entity")
Reader = Callable[[Entity], Value | None]

EQUALITY = frozenset({"=", "!="})
PATTERNS = frozenset({"LIKE", "ILIKE"})
STRINGS = EQUALITY | PATTERNS
NUMBERS = frozenset({"=", "!=", "<", "<=", ">", ">="})
LISTS = frozenset({"IN", "NOT IN"})
NULLS = frozenset({"IS NULL", "IS NOT NULL"})

COMPARE: dict[str, Callable[[object, object], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,  # type: ignore[dict-item]  # fits() made sure that both are numbers
    "<=": operator.le,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    ">=": operator.ge,  # type: ignore[dict-item]
}


def fits(comparator: str, literal: Literal, *, numeric: bool) -> bool:
    """Whether a value of this form can stand behind the comparator, for a thing that is or is not a number."""
    if comparator in NULLS:
        return literal is None
    if comparator in LISTS:
        return isinstance(literal, tuple) and not numeric
    if numeric:
        return comparator in NUMBERS and isinstance(literal, int | float)
    return comparator in STRINGS and isinstance(literal, str)


def holds(comparator: str, literal: Literal, found: Sequence[Value]) -> bool:
    """Whether ``found comparator literal`` is true, for a literal that ``fits``."""
    if comparator in NULLS:
        return bool(found) is (comparator == "IS NOT NULL")
    return any(_one_holds(comparator, literal, value) for value in found)


def ordered(entities: Iterable[Entity], orders: Sequence[tuple[Reader[Entity], bool]]) -> list[Entity]:
    """The entities by several keys (how to read it, whether it ascends), the first of them the weightiest.

    Entities without the value come last in either direction, those with NaN before them.
    """
    result = list(entities)
    for read, ascending in reversed(orders):
        values: list[tuple[Value, Entity]] = []
        nans: list[Entity] = []
        nothing: list[Entity] = []
        for entity in result:
            value = read(entity)
            if value is None:
                nothing.append(entity)
            elif isinstance(value, float) and math.isnan(value):
                nans.append(entity)
            else:
                values.append((value, entity))
        values.sort(key=operator.itemgetter(0), reverse=not ascending)  # stable in both directions
        result = [entity for _, entity in values] + nans + nothing
    return result


def _one_holds(comparator: str, literal: Literal, value: Value) -> bool:
    if comparator in PATTERNS:
        return like(str(value), str(literal), ignore_case=comparator == "ILIKE")
    if comparator in LISTS:
        return (value in literal if isinstance(literal, tuple) else False) is (comparator == "IN")
    return COMPARE[comparator](value, literal)
