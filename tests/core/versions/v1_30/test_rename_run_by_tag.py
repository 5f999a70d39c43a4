"""Renaming a run on servers that know only the tag."""

from __future__ import annotations

UPDATE = "POST /api/2.0/mlflow/runs/update"
SET_TAG = ("POST /api/2.0/mlflow/runs/set-tag", {"run_id": "a", "key": "mlflow.runName", "value": "new"})
GET = ("GET /api/2.0/mlflow/runs/get?run_id=a", None)


def test_a_name_alone_never_touches_the_status(talk):
    """The tag is set and the run is read for the answer; no update is sent."""
    played = talk(
        UPDATE,
        {"run_id": "a", "run_name": "new"},
        client="3.17.2",
        server="1.28.0",
        answers=({}, {"run": {"info": {"run_id": "a", "status": "FINISHED"}, "data": {}}}),
    )
    assert played.sent == [SET_TAG, GET]
    assert played.body == {"run_info": {"run_id": "a", "status": "FINISHED", "run_name": "new"}}
    assert played.changes == ["rename_run_by_tag"]


def test_the_rest_of_the_update_follows(talk):
    """Status and end time are written after the name, without the field."""
    rest = {"run_id": "a", "status": "FINISHED", "end_time": 5}
    played = talk(
        UPDATE,
        {**rest, "run_name": "new"},
        client="2.22.4",
        server="1.28.0",
        answers=({}, {"run_info": {"status": "FINISHED"}}),
    )
    assert played.sent == [SET_TAG, (UPDATE, rest)]
    assert played.body == {"run_info": {"status": "FINISHED", "run_name": "new"}}


def test_what_remains_of_the_update_is_completed(talk):
    """An update that still lacks the end time goes through the change below, so nothing is reset."""
    played = talk(
        UPDATE,
        {"run_id": "a", "status": "FAILED", "run_name": "new"},
        client="2.22.4",
        server="1.28.0",
        answers=({}, {"run": {"info": {"status": "RUNNING", "end_time": 7}}}, {"run_info": {}}),
    )
    assert played.sent == [SET_TAG, GET, (UPDATE, {"run_id": "a", "status": "FAILED", "end_time": 7})]
    assert played.changes == ["rename_run_by_tag", "keep_unset_run_fields"]


def test_a_refused_tag_ends_it(talk):
    """The server's refusal is the answer and nothing else is sent."""
    refused = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
    played = talk(UPDATE, {"run_id": "a", "run_name": "new"}, client="2.22.4", server="1.28.0", answers=(refused,))
    assert played.sent == [SET_TAG]
    assert (played.status, played.body) == refused


def test_servers_that_know_the_field_get_it(talk):
    """From 1.29 on the update is not split."""
    assert talk(UPDATE, {"run_id": "a", "run_name": "n", "status": "x", "end_time": 1}, server="1.30.1").untouched
