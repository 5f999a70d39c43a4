"""Errors of servers that know one status only."""

from __future__ import annotations

import pytest

GET = "GET /api/2.0/mlflow/experiments/get?experiment_id=7"


def _error(code: str) -> tuple[int, dict[str, str]]:
    return 500, {"error_code": code, "message": "no"}


@pytest.mark.parametrize(
    ("code", "status"),
    [("RESOURCE_DOES_NOT_EXIST", 404), ("INVALID_PARAMETER_VALUE", 400), ("INTERNAL_ERROR", 500), ("", 500)],
)
def test_the_code_decides(talk, code, status):
    """What is the server's own failure stays one."""
    played = talk(GET, client="3.1.4", server="1.0.0", answers=(_error(code),))
    assert (played.status, played.body) == (status, _error(code)[1])


def test_newer_servers_know_their_statuses(talk):
    """Theirs are passed on."""
    played = talk(GET, client="1.20.2", server="1.10.0", answers=(_error("RESOURCE_DOES_NOT_EXIST"),))
    assert played.status == 500
