"""Names of errors for clients with a short list."""

from __future__ import annotations

import pytest

GET = "GET /api/2.0/mlflow/runs/get?run_id=x"


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (409, "ALREADY_EXISTS", "RESOURCE_ALREADY_EXISTS"),
        (404, "NOT_FOUND", "RESOURCE_DOES_NOT_EXIST"),
        (404, "TABLE_DOES_NOT_EXIST", "RESOURCE_DOES_NOT_EXIST"),
        (409, "RESOURCE_CONFLICT", "BAD_REQUEST"),
        (500, "DATA_LOSS", "INTERNAL_ERROR"),
        (501, "NOT_IMPLEMENTED", "ENDPOINT_NOT_FOUND"),
    ],
)
def test_unknown_names_become_known_ones(talk, status, name, expected):
    """Status and message stay."""
    answer = (status, {"error_code": name, "message": "m"})
    played = talk(GET, client="1.30.1", server="3.17.2", answers=(answer,))
    assert (played.status, played.body) == (status, {"error_code": expected, "message": "m"})
    assert played.changes == ["use_known_error_codes"]


@pytest.mark.parametrize(
    ("client", "answer"),
    [
        ("1.30.1", (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "m"})),
        ("1.30.1", (403, b"Permission denied")),
        ("1.30.1", (400, {"message": "m"})),
        ("2.3.2", (409, {"error_code": "RESOURCE_CONFLICT"})),
        (None, (409, {"error_code": "RESOURCE_CONFLICT"})),
    ],
)
def test_other_answers_stay(talk, client, answer):
    """Known names, clients that know more, and what is no error of MLflow's."""
    played = talk(GET, client=client, server="3.17.2", answers=(answer,))
    assert (played.untouched, played.status, played.body) == (True, *answer)
