"""Just enough of MLflow's filter language to find, cut, rewrite and evaluate single clauses.

A filter is clauses joined by AND; no version has OR or grouping. A clause is an identifier, a comparator and a value::

    attributes.status = 'FINISHED' AND tags.`mlflow.source.name` LIKE 'a AND b%' AND run_id IN ('x', 'y')

Quotes (single or double, doubled or with a backslash inside) and backticks protect everything, the word AND included.
Source: https://mlflow.org/docs/latest/ml/search/search-runs/ and the servers' use of sqlparse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Literal = str | int | float | tuple[str, ...] | None
"""What a clause compares with; None for ``IS NULL`` and ``IS NOT NULL``, which compare with nothing."""

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<quoted>'(?:''|\\.|[^'\\])*' | "(?:""|\\.|[^"\\])*" | `(?:``|[^`])*`)
    | (?P<operator>[=<>!]+)
    | (?P<mark>[(),])
    | (?P<word>[^\s'"`=<>!(),]+)
    """,
    re.VERBOSE | re.DOTALL,
)


_INTEGER = re.compile(r"[+-]?\d{1,300}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


class FilterSyntaxError(ValueError):
    """Not a filter that we can take apart. It is left as it is, and the server says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a clause is about: ``tags.`a b``` is entity ``tags``, key ``a b``; a bare ``status`` has entity ``""``."""

    entity: str
    key: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause; ``text`` is as it stood, ``comparator`` in capitals with single spaces, ``value`` still quoted."""

    text: str
    identifier: Identifier
    comparator: str
    value: str


@dataclass(frozen=True, slots=True)
class Order:
    """One ``order_by`` entry."""

    identifier: Identifier
    ascending: bool


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a filter in order; none when it is blank.

    Raises:
        FilterSyntaxError: an open quote or bracket, an empty clause, or one without comparator.
    """
    if not text.strip():
        return ()
    found: list[Clause] = []
    piece: list[_Token] = []
    depth = 0
    for token in _tokens(text):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0 and token.kind == "word" and token.text.upper() == "AND":
            found.append(_clause(piece))
            piece = []
        else:
            piece.append(token)
    if depth:
        raise FilterSyntaxError(f"brackets do not match in {text!r}")
    found.append(_clause(piece))
    return tuple(found)


def join(parts: Iterable[Clause]) -> str:
    """Clauses back into one filter."""
    return " AND ".join(clause.text for clause in parts)


def leading_identifier(text: str) -> Identifier:
    """The identifier that an ``order_by`` entry such as ``start_time DESC`` begins with.

    Raises:
        FilterSyntaxError: there is none.
    """
    return _identifier(_run_of_name([token for token in _tokens(text.strip()) if token.text]))


def order(text: str) -> Order:
    """An ``order_by`` entry: ``metrics.`a b` DESC``; without a direction it is ascending.

    Raises:
        FilterSyntaxError: it is something else.
    """
    tokens = list(_tokens(text.strip()))
    name = _run_of_name(tokens)
    rest = [token.text.upper() for token in tokens[len(name) :] if token.kind != "space"]
    if rest not in ([], ["ASC"], ["DESC"]):
        raise FilterSyntaxError(f"no order: {text!r}")
    return Order(_identifier(name), rest != ["DESC"])


def literal(clause: Clause) -> Literal:
    """The value of a clause as MLflow reads it: what stands between the quotes is taken as it stands.

    Raises:
        FilterSyntaxError: neither a quoted string, nor a number, nor a list of quoted strings.
    """
    text = clause.value
    if clause.comparator in {"IS NULL", "IS NOT NULL"}:
        if text:
            raise FilterSyntaxError(f"nothing can follow {clause.comparator} in {clause.text!r}")
        return None
    if _is_string(text):
        return text[1:-1]
    if text[:1] == "(" and text[-1:] == ")":
        items = [token for token in _tokens(text[1:-1]) if token.kind != "space"]
        strings, commas = items[::2], items[1::2]
        if not strings or not all(_is_string(token.text) for token in strings) or any(c.text != "," for c in commas):
            raise FilterSyntaxError(f"a list of quoted strings was expected: {text!r}")
        return tuple(token.text[1:-1] for token in strings)
    if _NUMBER.fullmatch(text):
        return int(text) if _INTEGER.fullmatch(text) else float(text)
    raise FilterSyntaxError(f"neither a quoted string nor a number: {text!r}")


def unquoted(text: str) -> str:
    """The content of a quoted value; a value without quotes is returned as it is."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"`":
        mark = text[0]
        return text[1:-1].replace(mark * 2, mark).replace("\\" + mark, mark)
    return text


def members(value: str) -> tuple[str, ...]:
    """The members of a list such as ``('x', "y")``, still quoted; a value that is no list is its only member."""
    if not (value.startswith("(") and value.endswith(")")):
        return (value,)
    return tuple(token.text for token in _tokens(value[1:-1]) if token.kind in {"word", "quoted"})


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise FilterSyntaxError(f"an open quote at {text[position:]!r}")
        yield _Token(found.lastgroup, found[0])
        position = found.end()


def _clause(piece: list[_Token]) -> Clause:
    text = "".join(token.text for token in piece).strip()
    while piece and piece[0].kind == "space":
        piece = piece[1:]
    name = _run_of_name(piece)
    rest = [token for token in piece[len(name) :] if token.kind != "space"]
    compare = _comparator(rest)
    value = "".join(token.text for token in rest[len(compare) :])
    if not compare:
        raise FilterSyntaxError(f"no comparator in {text!r}")
    return Clause(text, _identifier(name), " ".join(token.text.upper() for token in compare), value)


def _is_string(text: str) -> bool:
    """One quoted string and nothing else; MLflow takes double quotes for single ones, but no backticks."""
    found = _TOKEN.fullmatch(text)
    return found is not None and found.lastgroup == "quoted" and text[0] != "`"


def _run_of_name(piece: list[_Token]) -> list[_Token]:
    """The tokens that touch each other at the front: ``tags.`` and a backticked key make one name."""
    for index, token in enumerate(piece):
        if token.kind not in {"word", "quoted"}:
            return piece[:index]
    return piece


def _identifier(name: list[_Token]) -> Identifier:
    if not name:
        raise FilterSyntaxError("a clause without a name")
    quoted = any(token.kind == "quoted" for token in name)
    if name[0].kind == "word" and "." in name[0].text:
        entity, _, key = name[0].text.partition(".")
        return Identifier(entity, key + "".join(unquoted(token.text) for token in name[1:]), quoted)
    return Identifier("", "".join(unquoted(token.text) for token in name), quoted)


def _comparator(rest: list[_Token]) -> list[_Token]:
    """``=``, ``LIKE``, ``NOT IN``, ``IS NOT NULL``…: one operator, or the words up to the value."""
    if rest and rest[0].kind == "operator":
        return rest[:1]
    for index, token in enumerate(rest):
        if token.kind != "word" or token.text.upper() not in {"LIKE", "ILIKE", "RLIKE", "IN", "NOT", "IS", "NULL"}:
            return rest[:index]
    return rest
