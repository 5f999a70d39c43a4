"""What is replayed on the following side: what the serving side *did*, not what the client asked for.

A run created without a name gets a random one from the server; a status update on an old server also resets what the
client left out. So the mirrored call of such a write is built from the serving side's answer. Everything is in public
ids here; the ids of the following side are put in when the call is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from proxy.core import json_sites
from proxy.core.hidden_tags import PUBLIC_ID_TAG, public_id_value, visible_tags
from proxy.core.versions.change import Call

TAGGED = frozenset({"CreateRun", "CreateExperiment", "CreateModelVersion", "CreateLoggedModel", "StartTrace"})
"""Creates whose object can carry the hidden tag. Registered models and version-3 traces keep their names."""

ANSWER_MATTERS = frozenset(
    {
        "CreateRun",
        "UpdateRun",
        "CreateExperiment",
        "CreateModelVersion",
        "CreateLoggedModel",
        "CreateAssessment",
        "StartTraceV3",
    }
)
"""Operations whose mirrored call is built from the answer as well; only their answers are kept in the journal."""


def mirrored_call(call: Call, answer: Mapping[str, Any] | None) -> Call:
    """The call that gives the following side the effect that ``call`` had on the serving side.

    Args:
        call: what the client asked, public ids.
        answer: the serving side's parsed answer, public ids; None where it was not kept.
    """
    build = _FROM_ANSWER.get(call.operation)
    if build is None or answer is None:
        return call
    return Call(call.operation, _without_none(build(call.arguments, answer)))


def _create_run(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    info = answer["run"]["info"]
    tags = visible_tags(json_sites.first(answer, "run.data.tags") or [])
    name = info.get("run_name") or next((tag["value"] for tag in tags if tag["key"] == "mlflow.runName"), None)
    return {
        "experiment_id": info["experiment_id"],
        "user_id": info.get("user_id"),
        "start_time": info.get("start_time"),
        "run_name": name,
        "tags": tags or asked.get("tags"),
    }


def _update_run(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    info = answer["run_info"]
    return {
        "run_id": info.get("run_id") or info.get("run_uuid"),
        "status": info.get("status"),
        "end_time": info.get("end_time") or None,
        "run_name": info.get("run_name") if asked.get("run_name") else None,
    }


def _create_experiment(asked: Mapping[str, Any], _answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": asked.get("name"),
        "artifact_location": asked.get("artifact_location") or None,
        "tags": asked.get("tags"),
    }


def _create_model_version(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    made = answer["model_version"]
    return {**asked, "run_id": asked.get("run_id") or made.get("run_id") or None}


def _create_logged_model(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    info = answer["model"]["info"]
    return {**asked, "name": info.get("name") or asked.get("name"), "experiment_id": info["experiment_id"]}


def _create_assessment(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """Servers keep an assessment id that the client supplies, so the twin gets the very same one."""
    made = (answer.get("assessment") or {}).get("assessment_id")
    return {**asked, "assessment": {**asked.get("assessment", {}), "assessment_id": made}} if made else dict(asked)


def _start_trace(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """Assessments that come with the trace get their ids from the server, and keep them on the twin."""
    made = json_sites.first(answer, "trace.trace_info.assessments")
    info = json_sites.first(asked, "trace.trace_info")
    if not made or not isinstance(info, dict):
        return dict(asked)
    return {**asked, "trace": {**asked["trace"], "trace_info": {**info, "assessments": made}}}


_FROM_ANSWER: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = {
    "CreateRun": _create_run,
    "UpdateRun": _update_run,
    "CreateExperiment": _create_experiment,
    "CreateModelVersion": _create_model_version,
    "CreateLoggedModel": _create_logged_model,
    "CreateAssessment": _create_assessment,
    "StartTraceV3": _start_trace,
}


# --------------------------------------------------------------------------------------------------------- hidden tag


def with_public_id(call: Call, public_id: str) -> Call:
    """The create with the hidden tag added."""
    if call.operation not in TAGGED:
        return call
    tags = [tag for tag in call.arguments.get("tags") or [] if tag.get("key") != PUBLIC_ID_TAG]
    tags.append({"key": PUBLIC_ID_TAG, "value": public_id_value(public_id)})
    return Call(call.operation, {**call.arguments, "tags": tags})


def _without_none(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if value is not None}
