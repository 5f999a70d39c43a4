"""Logged models are finalised, tagged, given parameters and deleted.

Why: servers before 3.0 have no logged models; the note that stands for one is written anew. When a model becomes ready
it is also entered into its run's history of models (``runs/log-model``), so that the UI of an old server shows it.
Lost: a change of the same model by somebody else between our read and our write. Deleting keeps the files, as it does
on 3.x servers, so that older clients still find them.
Source: ``logged-models`` of 3.17.2; what ``runs/log-model`` wants was read in 1.30.1 and 2.22.4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from typing import Any

import yaml

from proxy.core.messages import Response
from proxy.core.versions import jsontext, mlflow_errors, notes, runs
from proxy.core.versions.change import Call, Dialects, Recipe, VersionChange, before, by_operation
from proxy.core.versions.logged_models import (
    FAILED,
    READY,
    SINCE,
    LoggedModel,
    document,
    status_named,
    stored_path,
)
from proxy.core.versions.model_runs import find, keep
from proxy.core.versions.runs import Run

_LARGEST_MLMODEL = 1_000_000
_FROM_MLMODEL = ("utc_time_created", "flavors", "model_uuid", "mlflow_version")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Change = Callable[[LoggedModel, Mapping[str, Any], int], "LoggedModel | Response"]


def _finalize(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    status = status_named(call.arguments.get("status"))
    found = yield from find(str(call.arguments.get("model_id")), dialects)
    if isinstance(found, Response):
        return found
    run, model = found
    first_time = model.status != status
    model = model.changed(dialects.now_ms, status=status)
    kept = yield from keep(run, model)
    if not kept.ok:
        return kept
    if first_time and status == READY:
        yield from _enter_into_history(run, model)
    if first_time and model.run_made_for_it and status in {READY, FAILED}:
        ended = {"status": "FINISHED" if status == READY else "FAILED", "end_time": dialects.now_ms}
        yield Call("UpdateRun", {"run_id": runs.id_of(run), "run_uuid": runs.id_of(run), **ended})
    return jsontext.answer({"model": document(model, run)})


def _enter_into_history(run: Run, model: LoggedModel) -> Generator[Call, Response, None]:
    """For the UI alone, so whatever the server says to it changes nothing."""
    path = stored_path(model, run, "MLmodel")
    described: dict[str, Any] = {}
    if path is not None:
        described = _described((yield Call("DownloadArtifact", {"artifact_path": path})))
    entry = {"run_id": runs.id_of(run), "artifact_path": model.folder, "utc_time_created": "", "flavors": {}}
    text = json.dumps({**entry, **described}, default=str)
    yield Call("LogModel", {"run_id": runs.id_of(run), "model_json": text})


def _described(answer: Response) -> dict[str, Any]:
    """What an MLmodel file says of the model; nothing when there is none."""
    if not answer.ok or len(answer.body) > _LARGEST_MLMODEL:
        return {}
    try:
        found = yaml.load(answer.body, Loader=_LOADER)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: found[name] for name in _FROM_MLMODEL if found.get(name)}


def _changing(
    change: Change, *, shows: bool = False
) -> Callable[[Call, Dialects], Generator[Call, Response, Response]]:
    """The recipe that applies ``change`` to the record; the answer is empty unless it ``shows`` the model."""

    def recipe(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
        found = yield from find(str(call.arguments.get("model_id")), dialects)
        if isinstance(found, Response):
            return found
        run, model = found
        changed = change(model, call.arguments, dialects.now_ms)
        if isinstance(changed, Response):
            return changed
        kept = yield from keep(run, changed)
        if not kept.ok:
            return kept
        return jsontext.answer({"model": document(changed, run)} if shows else {})

    return recipe


def _tag(model: LoggedModel, asked: Mapping[str, Any], now_ms: int) -> LoggedModel:
    return model.changed(now_ms, tags={**model.tags, **notes.as_map(asked.get("tags"))})


def _untag(model: LoggedModel, asked: Mapping[str, Any], now_ms: int) -> LoggedModel | Response:
    key = str(asked.get("tag_key"))
    if key not in model.tags:
        message = f"No tag with key {key!r} found for model with ID {model.model_id!r}."
        return mlflow_errors.absent(message)
    return model.changed(now_ms, tags={name: value for name, value in model.tags.items() if name != key})


def _parametrise(model: LoggedModel, asked: Mapping[str, Any], now_ms: int) -> LoggedModel | Response:
    params = notes.as_map(asked.get("params"))
    twice = sorted(params.keys() & model.params.keys())
    if twice:  # parameters are written once, on every server that has logged models
        return mlflow_errors.refuse("BAD_REQUEST", f"Model {model.model_id!r} has the parameters {twice} already.")
    return model.changed(now_ms, params={**model.params, **params})


def _delete(model: LoggedModel, _: Mapping[str, Any], now_ms: int) -> LoggedModel:
    return model.changed(now_ms, deleted=True)


RECIPES: Mapping[str, Recipe] = {
    "FinalizeLoggedModel": _finalize,
    "SetLoggedModelTags": _changing(_tag, shows=True),
    "DeleteLoggedModelTag": _changing(_untag),
    "LogLoggedModelParams": _changing(_parametrise),
    "DeleteLoggedModel": _changing(_delete),
}


CHANGE = VersionChange(
    name="change_models_on_runs",
    operations=frozenset(RECIPES),
    servers=(None, before(SINCE)),
    recipe=by_operation(RECIPES),
    emulates=True,
    lost="another change of the same model between our read and our write",
)
