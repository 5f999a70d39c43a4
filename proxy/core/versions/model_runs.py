"""Finding and keeping the records of logged models on runs, as steps of a recipe."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from proxy.core.hidden_tags import PREFIX
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, model_metrics
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.logged_models import (
    MARK,
    NOTE,
    LoggedModel,
    is_model_id,
    models_of,
    own_path,
    run_id_of,
    stored_path,
    tags_of,
)

Run = Mapping[str, Any]
"""An answer's ``run``: ``{"info": {…}, "data": {…}}``."""

Found = tuple[Run, LoggedModel]

_SEARCHED_SINCE = Version(1, 28)
_EXPERIMENTS_AT_ONCE = 300
"""SQLite takes 999 values in a statement on the oldest servers."""

_RUNS_AT_ONCE = 1000


def refuse(code: str, message: str, status: int = 400) -> Response:
    """An error as MLflow words it."""
    return jsontext.answer({"error_code": code, "message": message}, status)


def absent(model_id: str) -> Response:
    """What a server says of a logged model that it does not have."""
    return refuse("RESOURCE_DOES_NOT_EXIST", f"Logged model with ID '{model_id}' not found.", 404)


def read_run(run_id: str) -> Generator[Call, Response, Run | Response]:
    """A run, or why there is none."""
    answer = yield Call("GetRun", {"run_id": run_id, "run_uuid": run_id})
    content = jsontext.read_answer(answer)
    run = content.get("run") if content is not None else None
    return run if answer.ok and isinstance(run, dict) and isinstance(run.get("info"), dict) else answer


def find(
    model_id: str, dialects: Dialects, experiment: str | None = None, *, deleted: bool = False
) -> Generator[Call, Response, Found | Response]:
    """A logged model and its run by its id alone; the answer for the client where there is none.

    Args:
        model_id: from the client.
        dialects: how the experiments can be listed.
        experiment: the only one it can be in, where that is known.
        deleted: whether one that was deleted counts.
    """
    if not is_model_id(model_id):
        return absent(model_id)
    experiments = [experiment] if experiment is not None else (yield from _every_experiment(dialects))
    if isinstance(experiments, Response):
        return experiments
    search = f"tags.`{PREFIX}{NOTE}{model_id}` LIKE '%'"
    runs = yield from _search(experiments, search, first_is_enough=True)
    if isinstance(runs, Response):
        return runs
    for run in runs:
        for model in models_of(run):
            if model.model_id == model_id and (deleted or not model.deleted):
                return run, model
    return absent(model_id)


def with_models(experiments: Sequence[str]) -> Generator[Call, Response, list[Run] | Response]:
    """Every run of these experiments that has logged models, deleted runs included."""
    return (yield from _search(experiments, f"tags.`{MARK}` = 'yes'"))


def stored(path: Any, dialects: Dialects) -> Generator[Call, Response, str | Response | None]:
    """Where an artifact path of a logged model (``E/models/m-…/artifacts/…``) really leads.

    None for any other path, or where the files do not go through the server; an answer where there is no such model.
    """
    own = own_path(path)
    if own is None:
        return None
    place, model_id, rest = own
    found: Found | Response = absent(model_id)
    if place.isdecimal():  # an experiment's id, unless somebody chose such a place for another one
        found = yield from find(model_id, dialects, place, deleted=True)
    if isinstance(found, Response):
        found = yield from find(model_id, dialects, deleted=True)
    return found if isinstance(found, Response) else stored_path(found[1], found[0], rest)


def with_metrics(experiments: Sequence[str]) -> Generator[Call, Response, list[Run] | Response]:
    """Every run of these experiments that logged metrics of models, deleted runs left out."""
    return (yield from _search(experiments, f"tags.`{model_metrics.MARK}` = 'yes'", view="ACTIVE_ONLY"))


def keep(run: Run, model: LoggedModel) -> Generator[Call, Response, Response]:
    """Write the record to its run. A deleted run takes no tags, so it comes back for as long as that takes."""
    run_id = run_id_of(run)
    write = Call("LogBatch", {"run_id": run_id, "metrics": [], "params": [], "tags": tags_of(model)})
    if run["info"].get("lifecycle_stage") != "deleted":
        return (yield write)
    restored = yield Call("RestoreRun", {"run_id": run_id})
    if not restored.ok:
        return restored
    answer = yield write
    yield Call("DeleteRun", {"run_id": run_id})
    return answer


def _search(
    experiments: Sequence[str], search: str, *, first_is_enough: bool = False, view: str = "ALL"
) -> Generator[Call, Response, list[Run] | Response]:
    found: list[Run] = []
    for start in range(0, len(experiments), _EXPERIMENTS_AT_ONCE):
        arguments: dict[str, Any] = {
            "experiment_ids": list(experiments[start : start + _EXPERIMENTS_AT_ONCE]),
            "filter": search,
            "run_view_type": view,
            "max_results": _RUNS_AT_ONCE,
        }
        while True:
            answer = yield Call("SearchRuns", arguments)
            content = jsontext.read_answer(answer)
            if not answer.ok or content is None:
                return answer
            found += content.get("runs") or []
            token = content.get("next_page_token")
            if (first_is_enough and found) or not token or token == arguments.get("page_token"):
                break
            arguments = {**arguments, "page_token": token}
        if first_is_enough and found:
            break
    return found


def _every_experiment(dialects: Dialects) -> Generator[Call, Response, list[str] | Response]:
    """The ids of all experiments, newest first, because it is new models that are asked for."""
    operation = "SearchExperiments" if dialects.server >= _SEARCHED_SINCE else "ListExperiments"
    arguments: dict[str, Any] = {"view_type": "ALL", "max_results": _RUNS_AT_ONCE}
    found: list[str] = []
    while True:
        answer = yield Call(operation, arguments)
        content = jsontext.read_answer(answer)
        if not answer.ok or content is None:
            return answer
        found += [str(each["experiment_id"]) for each in content.get("experiments") or []]
        token = content.get("next_page_token")
        if not token or token == arguments.get("page_token"):
            return sorted(found, key=_newness, reverse=True)
        arguments = {**arguments, "page_token": token}


def _newness(experiment: str) -> tuple[int, str]:
    return len(experiment), experiment
