"""Tags of new experiments on servers that overlook them."""

from __future__ import annotations

CREATE = "POST /api/2.0/mlflow/experiments/create"
TAG = "POST /api/2.0/mlflow/experiments/set-experiment-tag"
BODY = {"name": "x", "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]}


def test_tags_are_set_one_by_one(talk):
    """The client gets the answer to its create."""
    played = talk(CREATE, BODY, client="3.17.2", server="1.20.2", answers=({"experiment_id": "7"}, {}, {}))
    assert played.sent == [
        (CREATE, {"name": "x"}),
        (TAG, {"experiment_id": "7", "key": "a", "value": "1"}),
        (TAG, {"experiment_id": "7", "key": "b", "value": "2"}),
    ]
    assert played.body == {"experiment_id": "7"}


def test_errors_are_told(talk):
    """Of the create, and of a tag."""
    assert talk(CREATE, BODY, client="3.17.2", server="1.20.2", answers=((400, {"message": "no"}),)).status == 400
    answers = ({"experiment_id": "7"}, (403, {"message": "no"}))
    assert talk(CREATE, BODY, client="3.17.2", server="1.20.2", answers=answers).status == 403


def test_without_tags_nothing_changes(talk):
    """One request, as it came."""
    assert talk(CREATE, {"name": "x"}, client="3.17.2", server="1.20.2").untouched
    assert talk(CREATE, BODY, client="3.17.2", server="1.23.1").untouched
