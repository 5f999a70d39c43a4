"""Errors that nobody should repeat the request for."""

from __future__ import annotations

import pytest

UPDATE = "POST /api/2.0/mlflow/experiments/update"
STATE = {"error_code": "INVALID_STATE", "message": "Cannot rename experiment in non-active lifecycle stage."}
NUMBER = {"error_code": "INTERNAL_ERROR", "message": "invalid literal for int() with base 10: 'abc'"}


@pytest.mark.parametrize(
    ("given", "expected"), [(STATE, STATE), (NUMBER, {**NUMBER, "error_code": "INVALID_PARAMETER_VALUE"})]
)
def test_permanent_errors_become_400(talk, given, expected):
    """With the message as it was."""
    played = talk(UPDATE, {}, client="2.22.4", server="3.6.0", answers=((500, given),))
    assert (played.status, played.body, played.changes) == (400, expected, ["report_permanent_errors"])


@pytest.mark.parametrize(
    ("client", "answer"),
    [
        ("3.6.0", (500, STATE)),
        (None, (500, STATE)),
        ("2.22.4", (500, {"error_code": "INTERNAL_ERROR", "message": "database is locked"})),
        ("2.22.4", (500, b"<h1>")),
        ("2.22.4", (400, {"error_code": "INVALID_STATE"})),
    ],
)
def test_other_errors_stay(talk, client, answer):
    """What may pass, and what the server's own client would get."""
    played = talk(UPDATE, {}, client=client, server="3.6.0", answers=(answer,))
    assert (played.untouched, played.status, played.body) == (True, *answer)
