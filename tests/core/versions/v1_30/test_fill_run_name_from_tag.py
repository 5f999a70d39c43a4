"""A run name in the answers of servers that know only the tag."""

from __future__ import annotations

import pytest

TAGS = {"tags": [{"key": "mlflow.runName", "value": "nice"}]}


@pytest.mark.parametrize(
    ("line", "wrap"),
    [
        ("POST /api/2.0/mlflow/runs/create", lambda run: {"run": run}),
        ("GET /api/2.0/mlflow/runs/get?run_id=a", lambda run: {"run": run}),
        ("POST /api/2.0/mlflow/runs/search", lambda run: {"runs": [run, {"info": {}}]}),
    ],
)
def test_the_field_is_filled_for_clients_that_read_it(talk, line, wrap):
    """Every answer that carries runs has their names where the client looks."""
    answer = wrap({"info": {"run_id": "a"}, "data": TAGS})
    played = talk(line, client="1.30.1", server="1.28.0", answers=(answer,))
    assert played.body == wrap({"info": {"run_id": "a", "run_name": "nice"}, "data": TAGS})
    assert played.changes == ["fill_run_name_from_tag"]


def test_older_clients_get_the_answer_as_it_is(talk):
    """They read the tag."""
    line = "GET /api/2.0/mlflow/runs/get?run_id=a"
    assert talk(line, client="1.20.2", server="1.28.0").untouched
    assert talk(line, client="2.22.4", server="1.30.1").untouched


def test_an_answer_without_names_is_passed_on_as_bytes(talk):
    """Pages and runs without the tag stay as they are."""
    line = "GET /api/2.0/mlflow/runs/get?run_id=a"
    assert talk(line, client="1.30.1", server="1.28.0", answers=(b"<html>",)).body == b"<html>"
    assert talk(line, client="1.30.1", server="1.28.0", answers=({"run": {"info": {}}},)).changes == []
