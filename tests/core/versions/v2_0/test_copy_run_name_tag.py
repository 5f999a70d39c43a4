"""The name tag on servers that look at the field first."""

from __future__ import annotations

import pytest

CREATE = "POST /api/2.0/mlflow/runs/create"
TAGS = [{"key": "mlflow.runName", "value": "nice"}]


def test_the_tag_is_copied_into_the_field(talk):
    """Name and tag agree, so the server does not refuse the run."""
    played = talk(CREATE, {"experiment_id": "0", "tags": TAGS}, client="2.22.4", server="1.30.1", answers=({},))
    assert played.sent == [(CREATE, {"experiment_id": "0", "tags": TAGS, "run_name": "nice"})]
    assert played.changes == ["copy_run_name_tag"]


@pytest.mark.parametrize("body", [{"tags": []}, {}, {"run_name": "own", "tags": TAGS}, {"tags": "odd"}])
def test_nothing_is_copied_where_there_is_no_need(talk, body):
    """A run with a name of its own, or without the tag, passes as bytes."""
    assert talk(CREATE, body, client="2.22.4", server="1.30.1").untouched


def test_other_servers_adopt_the_tag_themselves(talk):
    """From 2.0 on there is nothing to do."""
    assert talk(CREATE, {"tags": TAGS}, client="3.17.2", server="2.0.1").untouched
