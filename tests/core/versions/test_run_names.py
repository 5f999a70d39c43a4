"""Names of runs in tags and fields."""

from __future__ import annotations

import pytest

from proxy.core.versions import run_names

_TAGS = [{"key": "a", "value": "b"}, {"key": "mlflow.runName", "value": "nice"}]


@pytest.mark.parametrize(
    ("tags", "name"),
    [(_TAGS, "nice"), ([], None), (None, None), ("x", None), ([None, {"key": "mlflow.runName"}], None)],
)
def test_the_name_is_found_among_tags(tags, name):
    """Odd values are treated as no name, never as an error."""
    assert run_names.in_tags(tags) == name


def test_a_missing_name_is_filled_from_the_tag():
    """The field takes the value of the tag."""
    run = {"info": {"run_id": "1"}, "data": {"tags": _TAGS}}
    assert run_names.fill(run)
    assert run["info"] == {"run_id": "1", "run_name": "nice"}


@pytest.mark.parametrize(
    "run", [None, {}, {"info": {}}, {"info": {}, "data": {}}, {"info": {"run_name": "own"}, "data": {"tags": _TAGS}}]
)
def test_nothing_is_filled_where_there_is_nothing_to_fill(run):
    """A name that is there stays, and a run without the tag stays nameless."""
    assert not run_names.fill(run)
