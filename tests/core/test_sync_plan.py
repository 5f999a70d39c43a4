"""What the following side lacks of an object."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core import sync_plan
from proxy.core.hidden_tags import PUBLIC_ID_TAG


def metric(key: str = "loss", value: object = 1.0, timestamp: object = 5, step: object = 0) -> dict[str, Any]:
    return {"key": key, "value": value, "timestamp": timestamp, "step": step}


@given(st.integers(0, 3500), st.integers(0, 250), st.integers(0, 250))
def test_batches_are_within_limits_and_lose_nothing(metrics, params, tags):
    """Each call has at most 1000 entries, 100 params and 100 tags, none is empty, and together they hold everything."""
    calls = list(sync_plan.batches("r", range(metrics), range(params), range(tags)))
    for call in calls:
        sizes = {kind: len(call.arguments[kind]) for kind in ("metrics", "params", "tags")}
        assert call.operation == "LogBatch"
        assert call.arguments["run_id"] == "r"
        assert 0 < sum(sizes.values()) <= 1000
        assert sizes["params"] <= 100
        assert sizes["tags"] <= 100
    for kind, count in (("metrics", metrics), ("params", params), ("tags", tags)):
        assert [entry for call in calls for entry in call.arguments[kind]] == list(range(count))
    assert len(calls) <= max(-(-params // 100), -(-tags // 100), -(-metrics // 800))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (metric(value=float("nan")), metric(value="NaN")),
        (metric(value=float("nan")), metric(value=float("nan"))),
        (metric(value="Infinity"), metric(value=float("inf"))),
        (metric(value="-Infinity"), metric(value=float("-inf"))),
        (metric(value=1), metric(value=1.0)),
        (metric(value="0.1"), metric(value=0.1)),
        (metric(timestamp="1700000000000", step="7"), metric(timestamp=1700000000000, step=7)),
        ({"key": "loss", "value": 1.0, "timestamp": 5}, metric()),
        ({"key": "loss", "timestamp": 5, "step": None}, metric(value=0)),
    ],
)
def test_a_point_is_the_same_however_it_is_spelled(one, other):
    """Servers write numbers as numbers or strings, leave zeros out and have a word for NaN."""
    assert sync_plan.point(one) == sync_plan.point(other)
    assert sync_plan.missing_points([one], [other]) == []


@pytest.mark.parametrize(
    "other", [metric(key="acc"), metric(value=1.5), metric(timestamp=6), metric(step=1), metric(value="NaN")]
)
def test_points_that_differ_are_two(other):
    """Key, value, time and step together are what a point is."""
    assert sync_plan.point(metric()) != sync_plan.point(other)
    assert sync_plan.missing_points([other], [metric()]) == [other]


def test_missing_points_come_in_order_of_time():
    """What is lacking is sent oldest first, so that the newest point is the last value there too."""
    here = [metric(timestamp="9", step=1), metric(timestamp=9, step=0), metric(timestamp="10"), metric(timestamp=2)]
    there = [metric(timestamp=2)]
    assert sync_plan.missing_points(here, there) == [here[1], here[0], here[2]]


def test_changed_pairs():
    """Tags and params that are absent there or have another value are set; ours and the server's own are not."""
    here = [
        {"key": "same", "value": "1"},
        {"key": "other", "value": "2"},
        {"key": "new", "value": ""},
        {"key": "bare"},
        {"key": PUBLIC_ID_TAG, "value": "x"},
        {"key": "mlflow.runName", "value": "n"},
    ]
    there = [{"key": "same", "value": "1"}, {"key": "other", "value": "3"}, {"key": "more", "value": "4"}]
    assert sync_plan.changed_pairs(here, there) == [
        {"key": "other", "value": "2"},
        {"key": "new", "value": ""},
        {"key": "bare", "value": ""},
    ]
    assert sync_plan.changed_pairs([{"key": "a"}], [{"key": "a", "value": ""}]) == []
    assert sync_plan.changed_pairs([{"key": "a", "value": ""}], [{"key": "a"}]) == []


def test_surplus_keys():
    """Tags deleted here are deleted there; ours and those that servers set by themselves stay."""
    there = [{"key": key} for key in ("kept", "gone", PUBLIC_ID_TAG, "mlflow.runName", "mlflow.artifactLocation")]
    assert sync_plan.surplus_keys([{"key": "kept"}, {"key": "new"}], there) == ["gone"]


@pytest.mark.parametrize(
    ("here", "there", "update"),
    [
        ({"status": "FINISHED", "end_time": 7}, {"status": "FINISHED", "end_time": "7"}, None),
        ({"status": "RUNNING"}, {"status": "RUNNING", "end_time": 0}, None),
        ({"status": "FINISHED", "end_time": 7}, {"status": "RUNNING"}, {"status": "FINISHED", "end_time": 7}),
        (
            {"status": "RUNNING", "run_name": "a"},
            {"status": "RUNNING", "run_name": "b"},
            {"status": "RUNNING", "run_name": "a"},
        ),
    ],
)
def test_run_update(here, there, update):
    """A run is updated when status, end time or name differ; 64-bit numbers may be strings."""
    call = sync_plan.run_update({"run_uuid": "r", **here}, {"run_uuid": "r", **there})
    assert (None if call is None else call.arguments) == (None if update is None else {"run_id": "r", **update})


def test_carrying_the_plan_out_leaves_nothing_to_do():
    """Once the missing points and changed pairs are there, the plan is empty."""
    here = [metric(step=step, value="NaN") for step in range(3)]
    tags = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    there, other = [here[1]], [{"key": "a", "value": "0"}]
    there += sync_plan.missing_points(here, there)
    other = [*other[1:], *sync_plan.changed_pairs(tags, other)]
    assert sync_plan.missing_points(here, there) == sync_plan.changed_pairs(tags, other) == []
    assert sync_plan.surplus_keys(tags, other) == []


def test_missing_inputs():
    """A dataset is known by name and digest, a logged model by its id; nothing missing is nothing to say."""
    one, other = ({"dataset": {"name": "n", "digest": digest}, "tags": []} for digest in "ab")
    here = {"dataset_inputs": [one, other], "model_inputs": [{"model_id": "m-1"}]}
    there = {"dataset_inputs": [{**one, "tags": [{"key": "k", "value": "v"}]}]}
    assert sync_plan.missing_inputs(here, there) == {"datasets": [other], "models": [{"model_id": "m-1"}]}
    assert sync_plan.missing_inputs(here, here) == sync_plan.missing_inputs({}, here) == {}
