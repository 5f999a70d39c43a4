"""Logged models are made.

Why: servers before 3.0 have no logged models, so a 3.x client cannot log a model at all. The model becomes a note on
its source run, see ``logged_models``. A model without a source run gets one, named after it, as an older client's
``log_model`` would have made it; it is finished when the model is.
Lost: a second model of one name in a run lies in a folder ``NAME-m-…`` for clients before 3.0.
Source: ``logged-models`` of 3.17.2; flows of 3.1.4 and 3.17.2 clients recorded on 1.30.1 and 2.22.4.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.hidden_tags import PUBLIC_ID_TAG, public_id_in
from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, mlflow_errors, notes, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import (
    INVALID_NAME,
    SINCE,
    LoggedModel,
    document,
    folder_for,
    is_model_id,
    is_valid_name,
    models_of,
    stored_path,
)
from proxy.core.versions.model_runs import keep
from proxy.core.versions.runs import Run


def _create(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    asked = call.arguments
    tags = notes.as_map(asked.get("tags"))
    model_id = _id_for(tags, dialects)
    name = str(asked.get("name") or f"model-{model_id[2:10]}")
    if not is_valid_name(name):
        return mlflow_errors.invalid(f"Invalid model name ({name!r}) provided. {INVALID_NAME}")
    source = asked.get("source_run_id")
    run = yield from (runs.read(str(source)) if source else _run_for(name, asked, dialects))
    if isinstance(run, Response):
        return run
    others = models_of(run)
    known = next((model for model in others if model.model_id == model_id), None)  # made by an earlier delivery
    folder = known.folder if known else folder_for(name, model_id, taken=False)
    if known is None and (yield from _is_taken(folder, run, others)):
        folder = folder_for(name, model_id, taken=True)
    model = LoggedModel(
        model_id,
        name,
        folder,
        model_type=str(asked.get("model_type") or ""),
        created_ms=dialects.now_ms,
        updated_ms=dialects.now_ms,
        tags=tags,
        params=notes.as_map(asked.get("params")),
        run_made_for_it=not source,
    )
    kept = yield from keep(run, model)
    return jsontext.answer({"model": document(model, run)}) if kept.ok else kept


def _id_for(tags: dict[str, str], dialects: Dialects) -> str:
    """The id that clients know the model by already, where the mirror makes it, else a new one."""
    public = public_id_in(tags.get(PUBLIC_ID_TAG, ""))
    return public if is_model_id(public) else f"m-{dialects.token}"


def _run_for(name: str, asked: Any, dialects: Dialects) -> Generator[Call, Response, Run | Response]:
    create = {"experiment_id": asked.get("experiment_id"), "run_name": name, "start_time": dialects.now_ms}
    answer = yield Call("CreateRun", {**create, "tags": [{"key": "mlflow.runName", "value": name}]})
    run = answers.found(answer, "run")
    return run if run is not None and runs.id_of(run) else answer


def _is_taken(folder: str, run: Run, others: list[LoggedModel]) -> Generator[Call, Response, bool]:
    """Whether the run's artifacts have something under that name."""
    if any(model.folder == folder for model in others):
        return True
    path = stored_path(LoggedModel("", "", folder), run)
    if path is None:
        return False
    return bool(answers.files(answers.success((yield Call("ListProxiedArtifacts", {"path": path})))))


CHANGE = VersionChange(
    name="keep_models_on_runs",
    operations=frozenset({"CreateLoggedModel"}),
    servers=(None, before(SINCE)),
    recipe=_create,
    emulates=True,
    lost="for clients before 3.0, a second model of one name in a run has its id in its folder's name",
)
