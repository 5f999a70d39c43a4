"""Partial updates of a run."""

from __future__ import annotations

import pytest

UPDATE = "POST /api/2.0/mlflow/runs/update"
GET = ("GET /api/2.0/mlflow/runs/get?run_id=a", None)


def test_what_the_update_leaves_out_is_filled_from_the_run(talk):
    """The run is read first, then written with its own status and end time."""
    played = talk(
        UPDATE,
        {"run_id": "a", "run_name": "new"},
        client="2.22.4",
        server="1.30.1",
        answers=({"run": {"info": {"status": "FINISHED", "end_time": 7}}}, {"run_info": {"run_name": "new"}}),
    )
    filled = {"run_id": "a", "run_name": "new", "status": "FINISHED", "end_time": 7}
    assert played.sent == [GET, (UPDATE, filled)]
    assert played.body == {"run_info": {"run_name": "new"}}
    assert played.changes == ["keep_unset_run_fields"]


def test_a_run_that_has_no_end_time_gets_none(talk):
    """What the run does not have is not invented; what the caller gave stays."""
    played = talk(
        UPDATE,
        {"run_id": "a", "status": "RUNNING"},
        client="3.17.2",
        server="2.0.1",
        answers=({"run": {"info": {"status": "SCHEDULED"}}}, {}),
    )
    assert played.sent[1] == (UPDATE, {"run_id": "a", "status": "RUNNING"})


def test_a_run_that_cannot_be_read_is_not_written(talk):
    """The refusal of the read is the answer."""
    refused = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
    played = talk(UPDATE, {"run_id": "a"}, client="2.22.4", server="1.30.1", answers=(refused,))
    assert played.sent == [GET]
    assert played.status == 404


@pytest.mark.parametrize(
    ("client", "server", "body"),
    [
        ("2.22.4", "1.30.1", {"run_id": "a", "status": "FINISHED", "end_time": 5}),
        ("1.20.2", "1.30.1", {"run_id": "a", "status": "RUNNING"}),
        (None, "1.30.1", {"run_id": "a"}),
        ("3.17.2", "2.5.0", {"run_id": "a"}),
    ],
)
def test_nothing_is_read_where_there_is_no_need(talk, client, server, body):
    """A full update, a caller that means a reset, and servers that leave fields alone."""
    assert talk(UPDATE, body, client=client, server=server).untouched
