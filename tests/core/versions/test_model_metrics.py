"""Tags that keep the metrics of logged models."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions.model_metrics import is_of_model, metrics_of, tags_of

MODEL = f"m-{'1' * 32}"
METRICS = st.fixed_dictionaries(
    {"key": st.text(st.characters(codec="utf-8"), min_size=1, max_size=250), "value": st.floats(-1e9, 1e9)},
    optional={"step": st.integers(0, 9), "dataset_name": st.text("ab", max_size=2)},
)


def _run(tags: Any, run: str = "r") -> Any:
    return {"info": {"run_id": run}, "data": {"tags": tags}}


@given(st.lists(METRICS, max_size=5, unique_by=lambda metric: (metric["key"], metric.get("dataset_name"))))
def test_metrics_come_back(metrics):
    """Whatever they are called; each knows the run that logged it."""
    given_metrics = [{**metric, "model_id": MODEL} for metric in metrics]
    tags = tags_of(given_metrics)
    assert all(len(tag["key"]) < 200 for tag in tags)
    run = _run(tags)
    assert metrics_of([run, run]).get(MODEL, []) == [{**metric, "run_id": "r"} for metric in given_metrics]


def test_the_last_point_stays():
    """Per metric and data set."""
    points = [{"key": "a", "value": value, "model_id": MODEL} for value in (1, 2)]
    assert [metric["value"] for metric in metrics_of([_run(tags_of(points))])[MODEL]] == [2]


def test_what_is_no_metric():
    """Somebody else wrote to the tag, or the metric is for the run alone."""
    key = f"mlflow.tightrope.modelMetric.{MODEL}.x"
    for text in ("{", "[]", "{}", '{"key": "a", "model_id": "m-1", "value": 1}'):
        assert metrics_of([_run([{"key": key, "value": text}])]) == {}
    assert [is_of_model(each) for each in ({"key": "a"}, {"key": "a", "model_id": ""}, None)] == [False] * 3
