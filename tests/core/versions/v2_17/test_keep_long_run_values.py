"""Params and tags of runs that are too long for the server."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

API = "POST /api/2.0/mlflow/runs/"
LONG = "x" * 5999 + "y"
NAME = hashlib.sha256(LONG.encode()).hexdigest()[:16]
MARK = f"... [tightrope {NAME}]"
SHORT = LONG[: 500 - len(MARK)] + MARK
NOTES = [
    {"key": f"mlflow.tightrope.long.{NAME}", "value": f"2 {LONG[:4000]}"},
    {"key": f"mlflow.tightrope.piece1.long.{NAME}", "value": LONG[4000:]},
]


def _say(talk: Any, what: str, body: Any, *answers: Any, client: str = "3.17.2", server: str = "1.30.1") -> Any:
    return talk(API + what, body, client=client, server=server, answers=answers)


def test_a_param_is_kept_before_it_is_logged(talk):
    """So it never stands there without its rest."""
    played = _say(talk, "log-parameter", {"run_id": "r", "key": "p", "value": LONG}, {}, {})
    assert played.sent == [
        (f"{API}log-batch", {"run_id": "r", "tags": NOTES}),
        (f"{API}log-parameter", {"run_id": "r", "key": "p", "value": SHORT}),
    ]


def test_a_batch_stays_one_request(talk):
    """As long as there is room in it."""
    played = _say(talk, "log-batch", {"run_id": "r", "params": [{"key": "p", "value": LONG}], "metrics": []}, {})
    ((line, body),) = played.sent
    assert line == f"{API}log-batch"
    assert body == {"run_id": "r", "params": [{"key": "p", "value": SHORT}], "metrics": [], "tags": NOTES}


def test_a_full_batch_is_preceded_by_what_is_kept(talk):
    """Within the limits of a batch."""
    tags = [{"key": str(number), "value": "z"} for number in range(99)]
    played = _say(talk, "log-batch", {"run_id": "r", "params": [{"key": "p", "value": LONG}], "tags": tags}, {}, {})
    assert [len(body["tags"]) for _, body in played.sent] == [2, 99]


def test_a_run_is_created_with_all(talk):
    """Its tags are not counted by servers."""
    body = {"experiment_id": "0", "run_name": "n", "tags": [{"key": "t", "value": "z" * 8000}]}
    played = _say(talk, "create", body, {"run": {}})
    ((_, sent),) = played.sent
    assert [len(tag["value"]) for tag in sent["tags"]] == [5000, 4002, 4000]


def test_a_failure_to_keep_is_told(talk):
    """Nothing is logged then."""
    body = {"run_id": "r", "key": "t", "value": "z" * 6000}
    played = _say(talk, "set-tag", body, (404, {"message": "no run"}))
    assert (played.status, len(played.sent)) == (404, 1)


@pytest.mark.parametrize(("client", "server"), [("1.30.1", "1.28.0"), ("3.17.2", "2.17.2"), ("2.5.0", "1.30.1")])
def test_what_no_server_of_the_client_took_is_left(talk, client, server):
    """It is refused, or cut, as it would have been."""
    body = {"run_id": "r", "key": "p", "value": LONG}
    assert _say(talk, "log-parameter", body, client=client, server=server).untouched


def test_whole_values_are_shown(talk):
    """To any client, with the hidden tags still there for whoever strips them."""
    run = {"run": {"data": {"params": [{"key": "p", "value": SHORT}], "tags": NOTES}}}
    line = "GET /api/2.0/mlflow/runs/get?run_id=r"
    played = talk(line, client="1.28.0", server="1.30.1", answers=(run,), emulated=True)
    assert played.body["run"]["data"]["params"] == [{"key": "p", "value": LONG}]
