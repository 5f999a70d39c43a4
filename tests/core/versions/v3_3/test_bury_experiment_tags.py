"""Deleted experiment tags on servers that can only set them."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.versions.experiment_tags import TOMBSTONE

BASE = "/api/2.0/mlflow/experiments"
DELETE = f"POST {BASE}/delete-experiment-tag"
KEPT = {"key": "kept", "value": "x"}
BURIED = {"key": "gone", "value": TOMBSTONE}


def _experiment(*tags: Any, stage: str = "active") -> dict[str, Any]:
    return {"experiment": {"experiment_id": "1", "lifecycle_stage": stage, "tags": list(tags)}}


def _delete(talk: Any, *answers: Any) -> Any:
    return talk(DELETE, {"experiment_id": "1", "key": "gone"}, client="3.17.2", server="2.22.4", answers=answers)


def test_a_tag_is_deleted_by_a_tombstone(talk):
    """Read first, so that a tag that is not there is not buried."""
    played = _delete(talk, _experiment(KEPT, {"key": "gone", "value": "y"}), {})
    assert played.sent == [
        (f"GET {BASE}/get?experiment_id=1", None),
        (f"POST {BASE}/set-experiment-tag", {"experiment_id": "1", **BURIED}),
    ]
    assert (played.status, played.body) == (200, {})


@pytest.mark.parametrize("tags", [(), (KEPT,), (BURIED,)])
def test_a_tag_that_is_not_there_cannot_be_deleted(talk, tags):
    """In MLflow's words; a second delete is the same."""
    played = _delete(talk, _experiment(*tags))
    assert played.status == 404
    assert played.body == {
        "error_code": "RESOURCE_DOES_NOT_EXIST",
        "message": "No tag with name: gone in experiment with id 1",
    }


def test_deleted_and_missing_experiments(talk):
    """A deleted one is refused, a missing one is the server's to refuse."""
    assert _delete(talk, _experiment(KEPT, stage="deleted")).status == 400
    assert _delete(talk, (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})).status == 404


def test_servers_that_delete_tags_are_left_alone(talk):
    """From 3.3 on."""
    assert talk(DELETE, {"experiment_id": "1", "key": "k"}, client="3.17.2", server="3.3.2").untouched
