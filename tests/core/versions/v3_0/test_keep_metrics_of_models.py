"""Metrics logged for logged models, on servers that have none."""

from __future__ import annotations

from typing import Any

from tests.core.versions.v3_0.conftest import MODELS, RUN

METRIC, BATCH = "POST /api/2.0/mlflow/runs/log-metric", "POST /api/2.0/mlflow/runs/log-batch"


def _metrics(old: Any, model: str) -> Any:
    return old.say(f"GET {MODELS}/{model}").body["model"]["data"].get("metrics", [])


def test_a_metric_of_a_model(old, model):
    """The run has every point, the model the last one; a search finds it."""
    for value, step in ((0.5, 0), (0.9, 1)):
        body = {"run_id": RUN, "key": "acc", "value": value, "timestamp": 7, "step": step, "model_id": model}
        assert old.say(METRIC, body).changes == ["keep_metrics_of_models"]
    assert old.store.points(RUN, "acc") == [0.5, 0.9]
    expected = {"key": "acc", "value": 0.9, "timestamp": 7, "step": 1, "model_id": model, "run_id": RUN}
    assert _metrics(old, model) == [expected]
    search = {"experiment_ids": ["0"], "filter": "metrics.acc > 0.8"}
    (found,) = old.say(f"POST {MODELS}/search", search).body["models"]
    assert found["data"]["metrics"] == [expected]


def test_another_run_evaluates_it(old, model):
    """The model shows what was logged for it anywhere in its experiment."""
    other = old.store.add_run("0", "e" * 32)
    metrics = [{"key": f"m{index}", "value": index, "model_id": model} for index in range(150)]
    assert old.say(BATCH, {"run_id": other, "metrics": metrics}).status == 200
    assert {(metric["key"], metric["run_id"]) for metric in _metrics(old, model)} == {
        (f"m{index}", other) for index in range(150)
    }
    assert old.say(f"GET /api/2.0/mlflow/runs/get?run_id={other}").body["run"]["data"]["tags"] == []


def test_metrics_of_runs_pass_as_bytes(talk):
    """Nothing is written for them, and older clients' are not even read."""
    body = {"run_id": RUN, "metrics": [{"key": "a", "value": 1}]}
    assert talk(BATCH, body, client="3.17.2", server="2.22.4").untouched
    assert talk(METRIC, b"{oops", client="2.22.4", server="2.14.3").untouched


def test_a_metric_that_the_server_refuses(old, model):
    """Nothing is kept of it."""
    body = {"run_id": "f" * 32, "key": "acc", "value": 1, "model_id": model}
    assert old.say(METRIC, body).status == 404
    assert _metrics(old, model) == []
