"""What is replayed on the following side: what the serving side *did*, not what the client asked for.

A run created without a name gets a random one from the server; a status update on an old server also resets what the
client left out. So the mirrored call of such a write is built from the serving side's answer. Everything is in public
ids here; the ids of the following side are put in when the call is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from proxy.core import json_sites
from proxy.core.versions.change import Call

PUBLIC_ID_TAG = "mlflow.tightrope.publicId"
"""Hidden tag on every object that the mirror creates. By it a create repeated after a crash finds its twin, and the
id map can be rebuilt from the following side alone. It never reaches a client."""

_HIDDEN_PREFIX = "mlflow.tightrope."

TAGGED = frozenset({"CreateRun", "CreateExperiment", "CreateModelVersion", "CreateLoggedModel", "StartTrace"})
"""Creates whose object can carry the hidden tag. Registered models and version-3 traces keep their names."""

ANSWER_MATTERS = frozenset(
    {"CreateRun", "UpdateRun", "CreateExperiment", "CreateModelVersion", "CreateLoggedModel", "CreateAssessment"}
)
"""Operations whose mirrored call is built from the answer as well; only their answers are kept in the journal."""


def public_id_value(public_id: str) -> str:
    """The tag's value: the id with letters glued to its front, so that rewriting of ids never touches it."""
    return f"id{public_id.replace('/', ' ')}"


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


_FROM_ANSWER: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = {
    "CreateRun": _create_run,
    "UpdateRun": _update_run,
    "CreateExperiment": _create_experiment,
    "CreateModelVersion": _create_model_version,
    "CreateLoggedModel": _create_logged_model,
    "CreateAssessment": _create_assessment,
}


# --------------------------------------------------------------------------------------------------------- hidden tag


def with_public_id(call: Call, public_id: str) -> Call:
    """The create with the hidden tag added."""
    if call.operation not in TAGGED:
        return call
    tags = [tag for tag in call.arguments.get("tags") or [] if tag.get("key") != PUBLIC_ID_TAG]
    tags.append({"key": PUBLIC_ID_TAG, "value": public_id_value(public_id)})
    return Call(call.operation, {**call.arguments, "tags": tags})


def visible_tags(tags: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tags without ours."""
    return [tag for tag in tags if not str(tag.get("key", "")).startswith(_HIDDEN_PREFIX)]


def has_hidden(body: bytes) -> bool:
    """Whether an answer carries one of our tags (cheap; decides whether it is parsed at all)."""
    return _HIDDEN_PREFIX.encode() in body


def strip_hidden(document: Any) -> Any:
    """The answer without our tags, at any depth: both ``[{key, value}]`` lists and ``{key: value}`` maps."""
    if isinstance(document, dict):
        return {key: strip_hidden(value) for key, value in document.items() if not str(key).startswith(_HIDDEN_PREFIX)}
    if isinstance(document, list):
        return [strip_hidden(item) for item in document if not _is_hidden_tag(item)]
    return document


def _is_hidden_tag(item: Any) -> bool:
    return isinstance(item, dict) and str(item.get("key", "")).startswith(_HIDDEN_PREFIX)


def _without_none(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if value is not None}
