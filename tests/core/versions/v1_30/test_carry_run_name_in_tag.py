"""A run name for servers that know only the tag."""

from __future__ import annotations

CREATE = "POST /api/2.0/mlflow/runs/create"
TAG = {"key": "mlflow.runName", "value": "nice"}


def test_the_name_becomes_the_tag(talk):
    """The field is taken out, the tag is added to those that are there."""
    other = {"key": "a", "value": "b"}
    played = talk(CREATE, {"run_name": "nice", "tags": [other]}, client="1.30.1", server="1.28.0", answers=({},))
    assert played.sent == [(CREATE, {"tags": [other, TAG]})]
    assert played.changes == ["carry_run_name_in_tag"]


def test_a_tag_that_is_there_is_not_doubled(talk):
    """Newer clients send both."""
    played = talk(CREATE, {"run_name": "nice", "tags": [TAG]}, client="3.17.2", server="1.10.0", answers=({},))
    assert played.sent == [(CREATE, {"tags": [TAG]})]


def test_a_run_without_a_name_stays_without(talk):
    """Nothing is invented."""
    assert talk(CREATE, {"tags": []}, client="1.30.1", server="1.28.0", answers=({},)).changes == []
