"""Finding and keeping the records of logged models on runs, as steps of a recipe."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from proxy.core.hidden_tags import PREFIX
from proxy.core.json_sites import maps_in
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, mlflow_errors, model_metrics, pages, runs
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.logged_models import (
    MARK,
    NOTE,
    LoggedModel,
    is_model_id,
    models_of,
    own_path,
    stored_path,
    tags_of,
)
from proxy.core.versions.runs import Run

Found = tuple[Run, LoggedModel]

_SEARCHED_SINCE = Version(1, 28)
_EXPERIMENTS_AT_ONCE = 300
"""SQLite takes 999 values in a statement on the oldest servers."""

_PAGE_SIZE = 1000


def absent(model_id: str) -> Response:
    """What a server says of a logged model that it does not have."""
    return mlflow_errors.absent(f"Logged model with ID '{model_id}' not found.")


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
    found = yield from _search(experiments, search, first_is_enough=True)
    if isinstance(found, Response):
        return found
    for run in found:
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
    named = {"run_id": runs.id_of(run)}
    if runs.info_of(run).get("lifecycle_stage") != "deleted":
        return (yield from runs.tag(named, tags_of(model)))
    restored = yield Call("RestoreRun", named)
    if not restored.ok:
        return restored
    answer = yield from runs.tag(named, tags_of(model))
    yield Call("DeleteRun", named)
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
            "max_results": _PAGE_SIZE,
        }
        seen: set[str] = set()
        while True:
            answer = yield Call("SearchRuns", arguments)
            content = answers.success(answer)
            if content is None:
                return answer
            found += [run for run in maps_in(content.get("runs")) if runs.id_of(run)]
            if first_is_enough and found:
                return found
            token = pages.following(content, seen)
            if not token:
                break
            arguments = {**arguments, "page_token": token}
    return found


def _every_experiment(dialects: Dialects) -> Generator[Call, Response, list[str] | Response]:
    """The ids of all experiments, newest first, because it is new models that are asked for."""
    operation = "SearchExperiments" if dialects.server >= _SEARCHED_SINCE else "ListExperiments"
    listed = yield from pages.follow(Call(operation, {"view_type": "ALL"}), "experiments", _PAGE_SIZE)
    content = answers.success(listed)
    if content is None:
        return listed
    ids = (each.get("experiment_id") for each in maps_in(content["experiments"]))
    return sorted((str(each) for each in ids if each is not None), key=_newness, reverse=True)


def _newness(experiment: str) -> tuple[int, str]:
    return len(experiment), experiment
