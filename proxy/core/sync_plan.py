"""What the following side lacks of an object: the difference as calls that bring it there.

Pure: the caller reads both sides, in public ids, and carries the calls out. Running the calls twice changes nothing,
because params are immutable, tags are set to a value, and metric points are deduplicated by what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from proxy.core.hidden_tags import visible_tags
from proxy.core.versions.change import Call

MAX_METRICS, MAX_PARAMS, MAX_TAGS = 1000, 100, 100
"""Per log-batch on every version; 1000 in all."""

_SERVER_SET_TAGS = frozenset({"mlflow.runName", "mlflow.artifactLocation"})
"""Written by the server itself on newer versions; the run's name travels as run_name."""

_MODEL_HISTORY = "mlflow.log-model.history"
"""Nobody takes models out of it; a server without logged models has those in it that the other one keeps apart."""

COVERED = frozenset(
    {
        *(
            "LogMetric",
            "LogParam",
            "LogBatch",
            "SetTag",
            "DeleteTag",
            "LogModel",
            "LogInputs",
            "UpdateRun",
            "DeleteRun",
            "RestoreRun",
        ),
        *("UpdateExperiment", "SetExperimentTag", "DeleteExperimentTag", "DeleteExperiment", "RestoreExperiment"),
        *("UpdateRegisteredModel", "SetRegisteredModelTag", "DeleteRegisteredModelTag", "SetRegisteredModelAlias"),
        *("DeleteRegisteredModelAlias", "DeleteModelVersionTag"),
        *("StartTraceV3", "EndTrace", "SetTraceTag", "DeleteTraceTag", "SetTraceTagV3", "DeleteTraceTagV3"),
        *("CreateAssessment", "UpdateAssessment", "DeleteAssessment"),
        *("UpdateModelVersion", "TransitionModelVersionStage", "SetModelVersionTag", "CreateModelVersion"),
        *("FinalizeLoggedModel", "SetLoggedModelTags", "DeleteLoggedModelTag", "LogLoggedModelParams"),
    }
)
"""Writes whose effect is there once their object is synced. Whatever is not listed is not claimed to be."""

Point = tuple[str, str, int, int]
"""A metric point as (key, value as text, timestamp in ms, step); text, because NaN is not equal to itself."""


def batches(run_id: str, metrics: Sequence[Any], params: Sequence[Any], tags: Sequence[Any]) -> Iterator[Call]:
    """log-batch calls within MLflow's limits."""
    metrics, params, tags = list(metrics), list(params), list(tags)
    while metrics or params or tags:
        some_params, params = params[:MAX_PARAMS], params[MAX_PARAMS:]
        some_tags, tags = tags[:MAX_TAGS], tags[MAX_TAGS:]
        room = MAX_METRICS - len(some_params) - len(some_tags)
        some_metrics, metrics = metrics[:room], metrics[room:]
        yield Call("LogBatch", {"run_id": run_id, "metrics": some_metrics, "params": some_params, "tags": some_tags})


def point(metric: Mapping[str, Any]) -> Point:
    """The identity of one metric point, however the server spells its numbers."""
    text = repr(float(str(metric.get("value", 0)).replace("Infinity", "inf")))
    return metric["key"], text, int(metric.get("timestamp") or 0), int(metric.get("step") or 0)


def missing_points(here: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Points of ``here`` that ``there`` lacks, in order of time."""
    known = {point(metric) for metric in there}
    lacking = [dict(metric) for metric in here if point(metric) not in known]
    return sorted(lacking, key=lambda metric: (int(metric.get("timestamp") or 0), int(metric.get("step") or 0)))


def changed_pairs(here: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``[{key, value}]`` entries of ``here`` that ``there`` lacks or has with another value."""
    known = {pair["key"]: pair.get("value", "") for pair in there}
    return [
        {"key": pair["key"], "value": pair.get("value", "")}
        for pair in visible_tags([dict(pair) for pair in here])
        if pair["key"] not in _SERVER_SET_TAGS and known.get(pair["key"]) != pair.get("value", "")
    ]


def surplus_keys(here: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> list[str]:
    """Keys that only ``there`` has (tags deleted here); ours and the server's own are left alone."""
    wanted = {pair["key"] for pair in here} | _SERVER_SET_TAGS | {_MODEL_HISTORY}
    return [pair["key"] for pair in visible_tags([dict(pair) for pair in there]) if pair["key"] not in wanted]


def missing_inputs(here: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a log-inputs call for what ``there`` lacks; a dataset is known by its name and digest."""
    known = {_dataset(each) for each in there.get("dataset_inputs") or []}
    models = {each.get("model_id") for each in there.get("model_inputs") or []}
    lacking = {
        "datasets": [each for each in here.get("dataset_inputs") or [] if _dataset(each) not in known],
        "models": [each for each in here.get("model_inputs") or [] if each.get("model_id") not in models],
    }
    return {field: found for field, found in lacking.items() if found}


def _dataset(entry: Mapping[str, Any]) -> tuple[Any, Any]:
    dataset = entry.get("dataset") or {}
    return dataset.get("name"), dataset.get("digest")


def run_update(here: Mapping[str, Any], there: Mapping[str, Any]) -> Call | None:
    """The update that gives a run its status, end time and name; None when it has them."""
    fields = ("status", "end_time", "run_name")
    if all(_same(here.get(field), there.get(field)) for field in fields if here.get(field)):
        return None
    arguments = {field: here[field] for field in fields if here.get(field)}
    return Call("UpdateRun", {"run_id": here.get("run_id") or here["run_uuid"], **arguments})


def _same(one: Any, other: Any) -> bool:
    """Old servers write 64-bit numbers as strings."""
    return str(one or "") == str(other or "")
