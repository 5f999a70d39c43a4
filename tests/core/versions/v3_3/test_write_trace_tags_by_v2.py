"""Writing tags of traces under API 3.0."""

from __future__ import annotations


def test_tags_and_deletions_take_the_older_paths(talk):
    """Nothing else differs."""
    tag = {"key": "a", "value": "b"}
    played = talk("PATCH /api/3.0/mlflow/traces/tr-1/tags", tag, client="3.17.2", server="2.22.4", answers=({},))
    assert played.sent == [("PATCH /api/2.0/mlflow/traces/tr-1/tags", tag)]
    gone = {"experiment_id": "1", "request_ids": ["tr-1"]}
    played = talk("POST /api/3.0/mlflow/traces/delete-traces", gone, client="3.17.2", server="3.1.4", answers=({},))
    assert played.sent == [("POST /api/2.0/mlflow/traces/delete-traces", gone)]
    assert talk(
        "DELETE /api/3.0/mlflow/traces/a/tags", {"key": "k"}, client="3.17.2", server="2.14.3", answers=({},)
    ).sent
