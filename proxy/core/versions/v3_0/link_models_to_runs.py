"""Runs say which logged models they made and which they used.

Why: ``runs/outputs`` and the ``models`` of ``runs/log-inputs`` came with 3.0. Each link becomes a hidden tag of the run
(``output.m-…`` with the step, ``input.m-…``); ``show_models_of_runs`` shows them.
Lost: nothing. The datasets of the same call go their own way.
Source: ``runs/outputs``, ``runs/log-inputs`` and the answer of ``runs/get`` of 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from proxy.core.json_sites import as_list
from proxy.core.messages import Response
from proxy.core.versions import jsontext, mlflow_errors, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import INPUT, OUTPUT, SINCE, is_model_id


def _link(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    made = call.operation == "LogOutputs"
    tags: list[dict[str, str]] = []
    for each in as_list(call.arguments.get("models")):
        model_id = each.get("model_id") if isinstance(each, Mapping) else None
        if not isinstance(model_id, str) or not is_model_id(model_id):
            return mlflow_errors.invalid(f"Invalid value for parameter 'models[].model_id': {model_id!r}.")
        step = str(each.get("step") or 0)
        tags.append({"key": f"{OUTPUT if made else INPUT}{model_id}", "value": step if made else "yes"})
    if not tags:
        return mlflow_errors.invalid("Missing value for required parameter 'models'.")
    answer = yield from runs.tag({"run_id": runs.named(call.arguments)}, tags)
    if made or not answer.ok or not call.arguments.get("datasets"):
        return jsontext.answer({}) if answer.ok else answer
    return (yield Call(call.operation, {name: each for name, each in call.arguments.items() if name != "models"}))


CHANGE = VersionChange(
    name="link_models_to_runs",
    operations=frozenset({"LogOutputs", "LogInputs"}),
    servers=(None, before(SINCE)),
    applies=lambda call, _: call.operation == "LogOutputs" or bool(call.arguments.get("models")),
    recipe=_link,
    emulates=True,
    when="logged models are named",
)
