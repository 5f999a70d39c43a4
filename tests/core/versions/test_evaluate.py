"""Evaluating clauses and ordering entities."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions import evaluate


@pytest.mark.parametrize(
    ("comparator", "literal", "found", "expected"),
    [
        ("=", "a", ["a"], True),
        ("=", "a", ["A"], False),
        ("!=", "a", ["b"], True),
        ("!=", "a", [], False),
        ("=", "a", ["b", "a"], True),
        ("<", 2, [1.5], True),
        (">=", 2, [2], True),
        ("!=", 1.0, [math.nan], True),
        ("=", 1.0, [math.nan], False),
        ("LIKE", "a%", ["abc"], True),
        ("LIKE", "a%", ["Abc"], False),
        ("ILIKE", "a%", ["Abc"], True),
        ("LIKE", "a_c", ["a.c"], True),
        ("LIKE", "a.c", ["abc"], False),
        ("LIKE", "%c", ["a\nc"], True),
        ("LIKE", "b", ["abc"], False),
        ("IN", ("a", "b"), ["b"], True),
        ("NOT IN", ("a", "b"), ["b"], False),
        ("NOT IN", ("a",), [], False),
        ("IS NULL", None, [], True),
        ("IS NULL", None, [""], False),
        ("IS NOT NULL", None, [""], True),
    ],
)
def test_clauses_hold_as_in_sql(comparator, literal, found, expected):
    """Nothing compares with what is not there; LIKE minds case, ILIKE does not."""
    assert evaluate.holds(comparator, literal, found) is expected


@pytest.mark.parametrize(
    ("comparator", "literal", "numeric", "expected"),
    [
        ("=", "a", False, True),
        ("=", 1, False, False),
        ("=", 1, True, True),
        ("=", "1", True, False),
        ("LIKE", "a", True, False),
        ("<", "a", False, False),
        ("IN", ("a",), False, True),
        ("IN", "a", False, False),
        ("IS NULL", None, True, True),
    ],
)
def test_a_value_has_to_fit_its_comparator(comparator, literal, numeric, expected):
    """Texts are not less than others, and numbers have no patterns."""
    assert evaluate.fits(comparator, literal, numeric=numeric) is expected


def test_what_is_missing_comes_last_in_both_directions():
    """NaN before it, numbers first."""
    values = [math.nan, None, 2.0, 1.0]
    up = evaluate.ordered(range(4), [(values.__getitem__, True)])
    down = evaluate.ordered(range(4), [(values.__getitem__, False)])
    assert (up, down) == ([3, 2, 0, 1], [2, 3, 0, 1])


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers())))
def test_the_first_key_weighs_most(entities):
    """Several keys order as tuples do, and equals keep their places."""
    keys = [(lambda entity: entity[0], True), (lambda entity: entity[1], False)]
    assert evaluate.ordered(entities, keys) == sorted(entities, key=lambda entity: (entity[0], -entity[1]))
