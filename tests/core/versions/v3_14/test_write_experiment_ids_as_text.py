"""Experiment ids that came as numbers."""

from __future__ import annotations

import pytest

CREATE = "POST /api/2.0/mlflow/runs/create"
SEARCH = "POST /api/2.0/mlflow/runs/search"


@pytest.mark.parametrize(
    ("line", "given", "sent"),
    [
        (CREATE, {"experiment_id": 0}, {"experiment_id": "0"}),
        (SEARCH, {"experiment_ids": [1, "2"]}, {"experiment_ids": ["1", "2"]}),
    ],
)
def test_numbers_become_texts(talk, line, given, sent):
    """For clients of every version, and those that name none."""
    for client in ("1.30.1", None):
        played = talk(line, given, client=client, server="3.17.2", answers=({},))
        assert played.sent == [(line, sent)]


def test_texts_stay_and_old_servers_take_both(talk):
    """Nothing is written anew."""
    assert talk(CREATE, {"experiment_id": "0"}, client="1.30.1", server="3.17.2").untouched
    assert talk(CREATE, {"experiment_id": 0}, client="3.17.2", server="3.10.1").untouched
