"""NaN logged twice."""

from __future__ import annotations

from typing import Any

METRIC = "POST /api/2.0/mlflow/runs/log-metric"
BATCH = "POST /api/2.0/mlflow/runs/log-batch"
HISTORY = "GET /api/2.0/mlflow/metrics/get-history?run_id=r&metric_key=m"
NAN = {"key": "m", "value": "NaN", "timestamp": 5, "step": 1}
ONE = {"key": "n", "value": 1, "timestamp": 5, "step": 1}
REFUSED = (400, {"error_code": "BAD_REQUEST", "message": "m"})
THERE = {"metrics": [{"key": "m", "value": "NaN", "timestamp": "5", "step": 1}]}


def _say(talk: Any, line: str, body: Any, *answers: Any) -> Any:
    return talk(line, body, client="3.17.2", server="2.22.4", answers=answers)


def test_the_same_point_again_is_fine(talk):
    """It is in the history, so the refusal was for being there."""
    played = _say(talk, METRIC, {"run_id": "r", **NAN}, REFUSED, THERE)
    assert [line for line, _ in played.sent] == [METRIC, HISTORY]
    assert (played.status, played.body) == (200, {})


def test_the_rest_of_a_batch_is_written(talk):
    """Without what is there already."""
    body = {"run_id": "r", "metrics": [NAN, ONE], "tags": []}
    played = _say(talk, BATCH, body, REFUSED, THERE, {})
    assert played.sent[-1] == (BATCH, {**body, "metrics": [ONE]})
    assert played.status == 200


def test_another_refusal_stays(talk):
    """The point is not there, so something else was wrong."""
    for history in ({"metrics": [{**NAN, "step": 2}]}, {}, (404, {"message": "m"})):
        played = _say(talk, METRIC, {"run_id": "r", **NAN}, REFUSED, history)
        assert (played.status, played.body) == REFUSED


def test_what_succeeds_or_holds_no_nan_asks_nothing(talk):
    """One request."""
    assert len(_say(talk, METRIC, {"run_id": "r", **NAN}, {}).sent) == 1
    assert _say(talk, METRIC, {"run_id": "r", **ONE}).untouched


def test_the_history_is_read_as_the_server_gives_it(talk):
    """Servers of 3.3 to 3.13 answer nothing to a request without a page size."""
    answers = (REFUSED, THERE)
    played = talk(METRIC, {"run_id": "r", **NAN}, client="3.17.2", server="3.10.1", answers=answers)
    assert [line for line, _ in played.sent] == [METRIC, f"{HISTORY}&max_results=25000"]
    assert played.status == 200
