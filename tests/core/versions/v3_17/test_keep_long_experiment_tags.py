"""Long tags of experiments."""

from __future__ import annotations

SET = "POST /api/2.0/mlflow/experiments/set-experiment-tag"
CREATE = "POST /api/2.0/mlflow/experiments/create"
LONG = "x" * 9000


def test_a_tag_is_kept_before_it_is_set(talk):
    """Piece by piece on the experiment."""
    body = {"experiment_id": "1", "key": "t", "value": LONG}
    played = talk(SET, body, client="3.17.2", server="2.22.4", answers=({}, {}, {}, {}))
    assert [len(sent["value"]) for _, sent in played.sent] == [4002, 4000, 1000, 5000]
    failed = talk(SET, body, client="3.17.2", server="2.22.4", answers=((404, {}),))
    assert (failed.status, len(failed.sent)) == (404, 1)


def test_a_create_carries_all(talk):
    """In one request."""
    body = {"name": "m", "tags": [{"key": "t", "value": LONG}]}
    ((_, sent),) = talk(CREATE, body, client="3.17.2", server="2.22.4", answers=({},)).sent
    assert [len(tag["value"]) for tag in sent["tags"]] == [5000, 4002, 4000, 1000]


def test_short_tags_pass(talk):
    """And so does what the client's own server would refuse."""
    body = {"experiment_id": "1", "key": "t", "value": "x"}
    assert talk(SET, body, client="3.17.2", server="2.22.4").untouched
    assert talk(SET, {**body, "value": LONG}, client="2.9.2", server="2.22.4").untouched
