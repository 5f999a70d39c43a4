"""Assessments of traces, which 3.2 introduced for this server."""

from __future__ import annotations

from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, Unknown, entities, mlflow, needs, refused, same
from tests.square.client.operations.traces import stored, traced


def _trace(lab: Lab) -> str:
    """A trace to assess."""
    if lab.version < (3, 2):
        raise Unknown("assessments on this server are documented since 3.2")
    needs(mlflow, "log_feedback", "log_expectation")
    key = traced(lab)
    stored(lab, key, 2)
    return key


def _source(kind: str = "HUMAN") -> Any:
    return entities.AssessmentSource(source_type=kind, source_id="räder@example.com")


def _shown(lab: Lab, key: str) -> dict[str, Any]:
    found = lab.client.get_trace(key, display=False).info.assessments
    return {each.name: each for each in found}


@operation(60)
def assessment_feedback(lab: Lab) -> None:
    """A value with its source and rationale, read alone and with the trace."""
    key = _trace(lab)
    made = mlflow.log_feedback(trace_id=key, name="good", value=True, source=_source(), rationale="weil")
    read = mlflow.get_assessment(key, made.assessment_id)
    same((read.name, read.feedback.value, read.rationale), ("good", True, "weil"))
    same((read.source.source_type, read.source.source_id), ("HUMAN", "räder@example.com"))
    mlflow.log_feedback(trace_id=key, name="score", value=0.25, source=_source("LLM_JUDGE"), metadata={"m": "1"})
    mlflow.log_feedback(trace_id=key, name="list", value=["a", "ü"], source=_source("CODE"))
    shown = _shown(lab, key)
    same({name: each.feedback.value for name, each in shown.items()}, {"good": True, "score": 0.25, "list": ["a", "ü"]})
    same(shown["score"].metadata, {"m": "1"})
    lab.remember("feedback", trace=key, name="good", value=True)


@operation(60)
def assessment_expectation(lab: Lab) -> None:
    """What should have come out."""
    key = _trace(lab)
    made = mlflow.log_expectation(trace_id=key, name="answer", value={"a": [1, "ü"]}, source=_source())
    same(mlflow.get_assessment(key, made.assessment_id).expectation.value, {"a": [1, "ü"]})
    same(_shown(lab, key)["answer"].expectation.value, {"a": [1, "ü"]})


@operation(60)
def assessment_update(lab: Lab) -> None:
    """Another value."""
    key = _trace(lab)
    made = mlflow.log_expectation(trace_id=key, name="answer", value="first", source=_source())
    changed = entities.Expectation(name="answer", value="second", source=_source())
    mlflow.update_assessment(key, made.assessment_id, changed)
    same(mlflow.get_assessment(key, made.assessment_id).expectation.value, "second")


@operation(60)
def assessment_override(lab: Lab) -> None:
    """One feedback overrides another, which stays but is no longer valid."""
    key = _trace(lab)
    first = mlflow.log_feedback(trace_id=key, name="good", value=False, source=_source("LLM_JUDGE"))
    second = mlflow.override_feedback(trace_id=key, assessment_id=first.assessment_id, value=True, source=_source())
    same(second.overrides, first.assessment_id)
    same(mlflow.get_assessment(key, first.assessment_id).valid, False)
    same(mlflow.get_assessment(key, second.assessment_id).feedback.value, True)


@operation(60)
def assessment_delete(lab: Lab) -> None:
    """Gone; a missing one is an error."""
    key = _trace(lab)
    made = mlflow.log_feedback(trace_id=key, name="good", value=1, source=_source())
    mlflow.delete_assessment(key, made.assessment_id)
    same(_shown(lab, key), {})
    refused(lambda: mlflow.get_assessment(key, made.assessment_id), "RESOURCE_DOES_NOT_EXIST")


@operation(60)
def assessment_of_span(lab: Lab) -> None:
    """Feedback on one span, with an error instead of a value."""
    key = _trace(lab)
    span = stored(lab, key, 2).data.spans[1].span_id
    mlflow.log_feedback(trace_id=key, name="failed", error=ValueError("boom"), span_id=span, source=_source("CODE"))
    found = _shown(lab, key)["failed"]
    same((found.span_id, found.feedback.error.error_message), (span, "boom"))


@operation(60)
def assessment_search(lab: Lab) -> None:
    """Traces by their feedback."""
    if lab.version < (3, 6):
        raise Unknown("documented since 3.6")
    key = _trace(lab)
    experiment = lab.client.get_trace(key, display=False).info.experiment_id
    traced(lab, experiment)
    mlflow.log_feedback(trace_id=key, name="good", value="yes", source=_source())
    found = lab.client.search_traces([experiment], filter_string="feedback.good = 'yes'")
    same([each.info.trace_id for each in found], [key])
