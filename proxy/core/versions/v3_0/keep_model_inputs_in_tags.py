"""The inputs of a run may be logged models as well: ``models`` in ``runs/log-inputs``.

Why: servers before 3.0 drop the field silently. Each model becomes a note on the run (see ``run_inputs``), and the
datasets of the same call go their own way.
Lost: nothing that a run shows.
Source: ``log_inputs`` of 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, mlflow_errors, run_inputs
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _names_models(call: Call, _: Dialects) -> bool:
    return bool(call.arguments.get("models"))


def _keep(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    rest = {field: value for field, value in call.arguments.items() if field != "models"}
    run: dict[str, object] = {field: rest[field] for field in ("run_id", "run_uuid") if field in rest}
    tags = []
    for place, model in enumerate(call.arguments["models"]):
        model_id = model.get("model_id") if isinstance(model, dict) else None
        if not isinstance(model_id, str) or not model_id:
            return mlflow_errors.invalid("Missing value for required parameter 'models[].model_id'.")
        tags += run_inputs.note_of(run_inputs.MODEL + model_id, model, at=dialects.now_ms, place=place)
    answer = yield Call("LogBatch", {**run, "tags": tags})
    if not answer.ok or not rest.get("datasets"):
        return jsontext.with_body(answer, {}) if answer.ok else answer
    return (yield Call(call.operation, rest))


CHANGE = VersionChange(
    name="keep_model_inputs_in_tags",
    operations=frozenset({"LogInputs"}),
    servers=(None, before(Version(3, 0))),
    applies=_names_models,
    recipe=_keep,
    emulates=True,
)
