"""Experiments by name where servers only list them."""

from __future__ import annotations

LINE = "GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=mine"
MINE = {"experiment_id": "3", "name": "mine", "lifecycle_stage": "deleted"}


def test_the_list_is_searched(talk):
    """Deleted experiments are found as well."""
    played = talk(LINE, client="1.20.2", server="1.0.0", answers=({"experiments": [{"name": "other"}, MINE]},))
    assert played.sent[0][0].endswith("/mlflow/experiments/list?view_type=ALL")
    assert played.body == {"experiment": MINE}


def test_none_is_none(talk):
    """As MLflow says it, so that clients go on and make one; a failure is passed on."""
    played = talk(LINE, client="1.20.2", server="1.0.0", answers=({},))
    assert (played.status, played.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    failed = talk(LINE, client="1.20.2", server="1.0.0", answers=((503, b"down"),))
    assert (failed.status, failed.body) == (503, b"down")
