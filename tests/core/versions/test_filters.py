"""The filter language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions import filters


def _read(text: str) -> list[tuple[str, str, str, str]]:
    return [(c.identifier.entity, c.identifier.key, c.comparator, c.value) for c in filters.clauses(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  ", []),
        ("status = 'FINISHED'", [("", "status", "=", "'FINISHED'")]),
        ("metrics.a>0.5 and params.b!='x'", [("metrics", "a", ">", "0.5"), ("params", "b", "!=", "'x'")]),
        ("tags.`a b` LIKE 'x AND y%'", [("tags", "a b", "LIKE", "'x AND y%'")]),
        ('tags."mlflow.x" = "y"', [("tags", "mlflow.x", "=", '"y"')]),
        ("run_id not  in ('a', 'b')", [("", "run_id", "NOT IN", "('a','b')")]),
        ("tags.a IS NOT NULL AND name ilike '%'", [("tags", "a", "IS NOT NULL", ""), ("", "name", "ILIKE", "'%'")]),
        ("name = 'it''s AND'", [("", "name", "=", "'it''s AND'")]),
        ("params.and = 'x'", [("params", "and", "=", "'x'")]),
        ("`run name` = 'x'", [("", "run name", "=", "'x'")]),
    ],
)
def test_clauses_are_taken_apart(text, expected):
    """Identifier, comparator and value are found, whatever stands between quotes."""
    assert _read(text) == expected


@pytest.mark.parametrize(
    "text", ["name = 'open", "AND", "a = 1 AND", "AND a = 1", "name", "= 'x'", "a IN ('x'", "tags.`open = 1"]
)
def test_what_cannot_be_taken_apart_says_so(text):
    """A broken filter raises, so that it is passed on as it is."""
    with pytest.raises(filters.FilterSyntaxError):
        filters.clauses(text)


_values = st.text(alphabet="ab '\"`,()=!AND", max_size=12).map(lambda text: "'" + text.replace("'", "''") + "'")


@given(st.lists(st.tuples(st.sampled_from(["name", "tags.`x AND y`", "metrics.z"]), _values), min_size=1, max_size=4))
def test_no_value_can_break_a_filter_apart(pairs):
    """Whatever a quoted value contains, there are as many clauses as were joined, with their texts unchanged."""
    texts = [f"{name} = {value}" for name, value in pairs]
    found = filters.clauses(" AND ".join(texts))
    assert [clause.text for clause in found] == texts
    assert filters.join(found) == " AND ".join(texts)
    assert [filters.unquoted(clause.value) for clause in found] == [v[1:-1].replace("''", "'") for _, v in pairs]


@pytest.mark.parametrize(
    ("text", "entity", "key"),
    [("start_time DESC", "", "start_time"), ("metrics.`a b`", "metrics", "a b"), (" status ", "", "status")],
)
def test_an_ordering_begins_with_its_identifier(text, entity, key):
    """The identifier of an order_by entry is found, with or without a direction."""
    found = filters.leading_identifier(text)
    assert (found.entity, found.key) == (entity, key)


def test_an_ordering_without_a_name_says_so():
    """Nothing to order by is an error of ours to handle, not an empty name."""
    with pytest.raises(filters.FilterSyntaxError):
        filters.leading_identifier("= 3")


def test_members_of_a_list_are_found():
    """Still quoted, whatever stands in them; a value alone is its only member."""
    assert filters.members("('a, b', \"c\",3)") == ("'a, b'", '"c"', "3")
    assert filters.members("'a'") == ("'a'",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 'x'", "x"),
        ('a = "x"', "x"),
        ("a = 'it''s'", "it''s"),
        ("a > 3", 3),
        ("a > -3.5e2", -350.0),
        ("a > .5", 0.5),
        ("a IN ('x', \"y\")", ("x", "y")),
        ("a NOT IN ('x')", ("x",)),
        ("a IS NULL", None),
    ],
)
def test_values_are_read_as_mlflow_reads_them(text, expected):
    """What stands between quotes is taken as it stands; numbers are numbers; lists hold strings."""
    (clause,) = filters.clauses(text)
    assert filters.literal(clause) == expected


@pytest.mark.parametrize("text", ["a = x", "a IN ()", "a IN (1)", "a = `x`", "a IS NULL 3", "a = 'x' y"])
def test_other_values_say_so(text):
    """What no server would take for a value is none for us."""
    (clause,) = filters.clauses(text)
    with pytest.raises(filters.FilterSyntaxError):
        filters.literal(clause)


@pytest.mark.parametrize(
    ("text", "key", "ascending"),
    [("name", "name", True), (" metrics.`a b` desc ", "a b", False), ("tags.x ASC", "x", True)],
)
def test_an_ordering_has_a_direction(text, key, ascending):
    """Ascending unless it says otherwise."""
    found = filters.order(text)
    assert (found.identifier.key, found.ascending) == (key, ascending)


@pytest.mark.parametrize("text", ["name up", "name DESC ASC", "", "= 1"])
def test_other_orderings_say_so(text):
    """What is no ordering raises."""
    with pytest.raises(filters.FilterSyntaxError):
        filters.order(text)
