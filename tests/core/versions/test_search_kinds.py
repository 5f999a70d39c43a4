"""Tables of what can be searched for."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.mlflow_version import Version
from proxy.core.versions import search_kinds
from proxy.core.versions.evaluate import NUMBERS, STRINGS
from proxy.core.versions.search_kinds import ORDER, Rule, SearchKind, Subject, since


def _read(entity: Any, subject: Subject) -> list[Any]:
    return search_kinds.tag_values(entity, subject.key) if subject.kind == "tag" else [entity[subject.key]]


NAME = frozenset({"name"})
AGE = frozenset({"age"})
KIND = SearchKind(
    noun="things",
    field="things",
    rules=(
        Rule("attribute", NAME, STRINGS),
        Rule("attribute", AGE, NUMBERS, since(2, 0)),
        Rule("tag", frozenset(), STRINGS),
    ),
    orders=(Rule("attribute", NAME, ORDER), Rule("attribute", AGE, ORDER, since(2, 0))),
    numeric=AGE,
    aliases={"called": "name"},
    read=_read,
    ties=((Subject("attribute", "name"), True),),
    standard=(),
    page_limit=10,
    page_default=5,
    one_clause=(None, Version(1, 0)),
    longest_value=5,
)
OLD, NEW = Version(1, 5), Version(2, 5)


def _native(text: str, server: Version) -> list[bool] | None:
    tests = KIND.tests(text, server)
    return None if tests is None else [test.native for test in tests]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("name = 'x' AND age > 3", [True, False], [True, True]),
        ("attr.called LIKE 'x'", [True], [True]),
        ("tag.x = 'longer'", [False], [False]),
        ("", [], []),
        ("age = 'x'", None, None),
        ("name = 3", None, None),
        ("size = 3", None, None),
        ("metrics.x = 3", None, None),
        ("name IS NULL", None, None),
        ("name = 'open", None, None),
    ],
)
def test_clauses_are_known_or_foreign_or_no_clauses(text, old, new):
    """What no rule covers, or cannot be read, is not understood; the rest is native where the rule says so."""
    assert (_native(text, OLD), _native(text, NEW)) == (old, new)


def test_a_server_of_one_clause_gets_the_first_it_knows():
    """The others are ours, and names with a prefix as well: such servers know bare names only."""
    assert _native("tag.x = 'a' AND name = 'b'", Version(0, 9)) == [False, True]
    assert _native("attribute.name = 'a' AND name = 'b' AND name = 'c'", Version(0, 9)) == [False, True, False]


@pytest.mark.parametrize(
    ("entries", "native"),
    [
        (None, []),
        (["name", "age DESC"], [True, False]),
        (["size"], None),
        (["name up"], None),
        ("name", None),
        ([3], None),
    ],
)
def test_orderings_are_understood_alike(entries, native):
    """Each entry is native, foreign, or not understood."""
    found = KIND.sortings(entries, OLD)
    assert (None if found is None else [each.native for each in found]) == native


def test_entities_pass_and_are_ordered():
    """All clauses have to hold; ties are broken by name."""
    things = [{"name": "b", "age": 1}, {"name": "a", "age": 1}, {"name": "c", "age": 2}]
    tests = KIND.tests("age < 2 AND name != 'z'", OLD) or ()
    assert [thing["name"] for thing in things if KIND.passes(thing, tests)] == ["b", "a"]
    assert [thing["name"] for thing in KIND.sorted(things, KIND.sortings(["age DESC"], OLD) or ())] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("value", "expected"), [(1, [1]), ("12", [12]), ("1.5", [1.5]), (None, []), ("x", []), (True, [])]
)
def test_numbers_come_as_numbers_or_strings(value, expected):
    """Servers up to 1.20 write 64-bit numbers as strings."""
    assert search_kinds.number(value) == expected


def test_a_tag_is_found_in_a_list():
    """Its value as a text, or nothing."""
    thing = {"tags": [{"key": "a", "value": 1}, {"key": "b"}, "x"]}
    assert [search_kinds.tag_values(thing, key) for key in ("a", "b", "c")] == [["1"], [""], []]
    assert search_kinds.tag_values({"tags": None}, "a") == []
