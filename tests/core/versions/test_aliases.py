"""Names of aliases, and what a registered model's tags say of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions import aliases, notes


@pytest.mark.parametrize("alias", ["champion", "Champion-2", "räder", "v1x", "a" * 220])
def test_names_that_mlflow_takes(alias):
    """Letters of any alphabet, digits, dash and underscore."""
    assert aliases.problem(alias) == ""


@pytest.mark.parametrize("alias", ["", None, 3, "a b", "a/b", "Latest", "v12", "V1", "a" * 221])
def test_names_that_are_refused(alias):
    """The reserved ones, foreign characters, and what would not fit into a tag's key."""
    assert aliases.problem(alias)


def test_aliases_of_a_model_come_by_name():
    """Other tags of the model are no aliases."""
    tags = [*notes.write("alias.b", "2"), *notes.write("alias.a", "10"), {"key": "alias.c", "value": "1 3"}]
    assert list(aliases.of_model({"tags": tags}).items()) == [("a", "10"), ("b", "2")]
    assert aliases.of_model(None) == {}


def test_a_marked_version():
    """Only the mark says that a version may have an alias."""
    assert aliases.marked({"tags": notes.write(aliases.ON_VERSION, "yes")})
    assert not aliases.marked({"tags": [{"key": "aliased", "value": "yes"}]})
    assert not aliases.marked(None)


ALIASES = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True).filter(lambda alias: not aliases.problem(alias))


@given(st.dictionaries(ALIASES, st.integers(1, 10**6).map(str), max_size=5))
def test_what_is_set_is_shown(known):
    """On the model, and each on its version."""
    tags = [tag for alias, version in known.items() for tag in notes.write(aliases.ON_MODEL + alias, version)]
    model = {"tags": tags}
    assert aliases.of_model(model) == known
    assert aliases.show_on_model(model) is bool(known)
    for number in known.values():
        version = {"version": number}
        assert aliases.show_on_version(version, known)
        assert version["aliases"] == [alias for alias, aliased in known.items() if aliased == number]
