"""Logged models on servers that have none: the record that stands for one, and where its files are.

A logged model (MLflow 3) becomes a note on its source run, named ``model.m-…``. Clients of MLflow 3 see what a server
of theirs would show, files included: an artifact URI ``mlflow-artifacts:/E/models/m-…/artifacts``. The bytes are in
truth where clients before MLflow 3 look for a model, in a folder among the run's artifacts that has the model's name.
So a path that a client was given stays good when another server answers, whatever its version.

A model that was logged without a run gets one that is made for it, as an older client would have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from proxy.core.hidden_tags import PREFIX
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, notes, runs
from proxy.core.versions.artifact_uris import ROOT, path_in
from proxy.core.versions.runs import Run

SINCE = Version(3, 0)
"""The first version whose servers hold logged models and whose clients make them."""

NOTE = "model."
"""Notes on a run whose names begin with this hold its logged models."""

MARK = f"{PREFIX}hasModels"
"""Tag of runs with such notes, because no server can search for the beginning of a key."""

OUTPUT, INPUT = f"{PREFIX}output.", f"{PREFIX}input."
"""Tags of runs, with the id of a logged model behind: it was made by the run (the value is the step), or used."""

VERSION_NOTE = "loggedModel"
"""Note on a model version that was made from a logged model: ``{"model_id", "source"}`` as they were asked for."""

PENDING, READY, FAILED = "LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"

_STATUS = {"0": "LOGGED_MODEL_STATUS_UNSPECIFIED", "1": PENDING, "2": READY, "3": FAILED}
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
_RUN_ROOT = re.compile(r"(.+)/[0-9a-f]{32}/artifacts")
_OWN_PATH = re.compile(r"(.+?)/models/(m-[0-9a-f]{32})/artifacts(?:/(.*))?", re.DOTALL)
_RUN_PATH = re.compile(r"(.+?)/([0-9a-f]{32})/artifacts(?:/(.*))?", re.DOTALL)
_MODEL_URI = re.compile(r"models:/(m-[0-9a-f]{32})(?:/.*)?", re.DOTALL)
_NO_FOLDER = re.compile(r"[\x00-\x1f\x7f\\/:*?\"<>|#%]")
_FORBIDDEN = ("/", ":", ".", "%", '"', "'")
_LONGEST_FOLDER = 150


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """What the note says. ``folder`` is below the run's artifacts; times are milliseconds since the epoch.

    ``run_made_for_it`` says that clients know the model to have no source run.
    """

    model_id: str
    name: str
    folder: str
    status: str = PENDING
    model_type: str = ""
    created_ms: int = 0
    updated_ms: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    run_made_for_it: bool = False
    deleted: bool = False

    def changed(self, now_ms: int, **fields: Any) -> LoggedModel:
        """A later state of it."""
        return replace(self, updated_ms=max(now_ms, self.updated_ms), **fields)


def tags_of(model: LoggedModel) -> list[notes.Tag]:
    """The tags to set on its run to keep it."""
    kept = {name: getattr(model, name) for name in _KEPT if getattr(model, name) not in ("", False, {}, None)}
    return [{"key": MARK, "value": "yes"}, *notes.write(f"{NOTE}{model.model_id}", jsontext.write(kept).decode())]


def models_of(run: Run) -> list[LoggedModel]:
    """The logged models on a run, deleted ones included, oldest first."""
    found = [
        model
        for model_id, text in notes.read_all(runs.tags_of(run), NOTE).items()
        if is_model_id(model_id) and (model := _read(model_id, text)) is not None
    ]
    return sorted(found, key=lambda model: (model.created_ms, model.model_id))


def document(model: LoggedModel, run: Run, metrics: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """It as an MLflow 3 server describes it: ``{"info": {…}, "data": {…}}``."""
    info = {
        "model_id": model.model_id,
        "experiment_id": runs.experiment_of(run),
        "name": model.name,
        "creation_timestamp_ms": model.created_ms,
        "last_updated_timestamp_ms": model.updated_ms,
        "artifact_uri": artifact_uri(model, run),
        "status": model.status,
        "model_type": model.model_type,
        "source_run_id": "" if model.run_made_for_it else runs.id_of(run),
        "tags": [{"key": key, "value": value} for key, value in model.tags.items()],
    }
    params = [{"key": key, "value": value} for key, value in model.params.items()]
    data = {"params": params, "metrics": list(metrics)}
    return {"info": info, "data": {name: each for name, each in data.items() if each}}


def artifact_uri(model: LoggedModel, run: Run) -> str:
    """Where clients read and write its files.

    Files that do not go through the server (a bucket, a shared folder) are where they are, and no path can be put in
    front of them.
    """
    root = _root(run)
    return f"{ROOT}{root[1]}/models/{model.model_id}/artifacts" if root else stored_uri(model, run)


def stored_uri(model: LoggedModel, run: Run) -> str:
    """Where its files really are, for clients and servers that know only runs."""
    return f"{str(runs.info_of(run).get('artifact_uri', '')).rstrip('/')}/{model.folder}"


def stored_path(model: LoggedModel, run: Run, rest: str = "") -> str | None:
    """The same as an artifact path of the server, None where the files do not go through it."""
    root = _root(run)
    return "/".join(part for part in (root[0], model.folder, rest) if part) if root else None


def _root(run: Run) -> re.Match[str] | None:
    """The place of a run's artifacts on the server, None where they do not go through it."""
    return _RUN_ROOT.fullmatch(path_in(runs.info_of(run).get("artifact_uri")) or "")


def own_path(path: object) -> tuple[str, str, str] | None:
    """``3/models/m-…/artifacts/a/b`` -> ``3``, model id and ``a/b``; None for any other artifact path.

    What stands in front is the experiment's id, or another place that the experiment was given for its artifacts.
    """
    return _taken_apart(path, _OWN_PATH, _RUN_PATH)


def run_path(path: object) -> tuple[str, str, str] | None:
    """``3/0f3c…/artifacts/a/b`` -> ``3``, run id and ``a/b``; None for any other artifact path."""
    return _taken_apart(path, _RUN_PATH, _OWN_PATH)


def _taken_apart(path: object, wanted: re.Pattern[str], other: re.Pattern[str]) -> tuple[str, str, str] | None:
    """A path of the one kind may be a file inside a folder of the other kind: what comes first counts."""
    text = path.strip("/") if isinstance(path, str) else ""
    found, inside = wanted.fullmatch(text), other.fullmatch(text)
    if found is None or (inside is not None and len(inside[1]) < len(found[1])):
        return None
    return found[1], found[2], found[3] or ""


def at(models: Iterable[LoggedModel], path: str) -> LoggedModel | None:
    """The model in whose folder a path (below the run's artifacts) lies."""
    first = path.split("/", 1)[0]
    return next((model for model in models if model.folder == first), None)


def is_model_id(text: str) -> bool:
    """Whether it has the form of a logged model's id; nothing else is ever put into a filter."""
    return _MODEL_ID.fullmatch(text) is not None


def model_id_in(source: object) -> str | None:
    """The id in ``models:/m-…``, None for the source of any other model version."""
    found = _MODEL_URI.fullmatch(source) if isinstance(source, str) else None
    return found[1] if found else None


def status_named(value: Any) -> str:
    """``READY`` of the proto's enum, given by name or by number."""
    return _STATUS.get(str(value), str(value))


def is_valid_name(name: str) -> bool:
    """MLflow's own rule for names of logged models."""
    return bool(name) and not any(mark in name for mark in _FORBIDDEN)


INVALID_NAME = f"Model name must be a non-empty string and cannot contain the following characters: {_FORBIDDEN}"


def folder_for(name: str, model_id: str, *, taken: bool) -> str:
    """The folder of a new model: its name, with the id behind it when the name is taken among the run's artifacts."""
    folder = _NO_FOLDER.sub("_", name).strip()[:_LONGEST_FOLDER] or "model"
    return f"{folder}-{model_id}" if taken else folder


_FORMS: Mapping[str, type] = {
    "created_ms": int,
    "updated_ms": int,
    "tags": dict,
    "params": dict,
    "run_made_for_it": bool,
    "deleted": bool,
}
"""What the fields of a note are, where they are no texts."""

_KEPT = tuple(name for name in LoggedModel.__dataclass_fields__ if name != "model_id")


def _read(model_id: str, text: str) -> LoggedModel | None:
    """What a note says; None when it is not one of ours."""
    kept = jsontext.parsed(text)
    fields = {name: kept[name] for name in _KEPT if name in kept}
    if "name" not in fields or "folder" not in fields:
        return None
    return LoggedModel(model_id, **fields) if all(_fits(name, value) for name, value in fields.items()) else None


def _fits(name: str, value: Any) -> bool:
    return isinstance(value, _FORMS.get(name, str))
