"""Runs say which logged models they made and which they used.

Why: ``runs/outputs`` and the ``models`` of ``runs/log-inputs`` came with 3.0. Each link becomes a hidden tag of the run
(``output.m-…`` with the step, ``input.m-…``); ``show_models_of_runs`` shows them.
Lost: nothing.
Source: ``runs/outputs``, ``runs/log-inputs`` and the answer of ``runs/get`` of 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.messages import Response
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import INPUT, OUTPUT, SINCE, is_model_id
from proxy.core.versions.model_runs import refuse


def _note_outputs(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    models = _models(call)
    if not models:
        return refuse("INVALID_PARAMETER_VALUE", "Missing value for required parameter 'models'.")
    tags = [{"key": f"{OUTPUT}{model_id}", "value": str(given.get("step") or 0)} for model_id, given in models.items()]
    answer = yield _tags(call, tags)
    return jsontext.answer({}) if answer.ok else answer


def _note_inputs(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    answer = yield _tags(call, [{"key": f"{INPUT}{model_id}", "value": "yes"} for model_id in _models(call)])
    if not answer.ok or not call.arguments.get("datasets"):
        return jsontext.answer({}) if answer.ok else answer
    return (yield Call(call.operation, {name: each for name, each in call.arguments.items() if name != "models"}))


def _tags(call: Call, tags: list[dict[str, str]]) -> Call:
    return Call("LogBatch", {"run_id": call.arguments.get("run_id"), "metrics": [], "params": [], "tags": tags})


def _models(call: Call) -> dict[str, Mapping[str, Any]]:
    given = call.arguments.get("models")
    models = given if isinstance(given, list) else []
    named = (each for each in models if isinstance(each, Mapping) and is_model_id(str(each.get("model_id", ""))))
    return {str(each["model_id"]): each for each in named}


def _do(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    return _note_outputs(call, dialects) if call.operation == "LogOutputs" else _note_inputs(call, dialects)


CHANGE = VersionChange(
    name="link_models_to_runs",
    operations=frozenset({"LogOutputs", "LogInputs"}),
    servers=(None, before(SINCE)),
    applies=lambda call, _: call.operation == "LogOutputs" or bool(_models(call)),
    recipe=_do,
    emulates=True,
)
