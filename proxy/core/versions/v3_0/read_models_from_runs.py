"""Logged models are read, searched, and their files listed.

Why: servers before 3.0 have no logged models, and 3.x clients ask for them wherever they list or load artifacts of a
run. They are read from the notes on runs, see ``logged_models``.
Lost: all but the last point of each metric of a model, and what was logged for it in other experiments.
Source: ``logged-models/search`` of 3.17.2 and ``utils/search_logged_model_utils.py`` there.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.json_sites import as_list
from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, mlflow_errors, runs
from proxy.core.versions.change import Call, Dialects, Recipe, VersionChange, before, by_operation
from proxy.core.versions.filters import FilterSyntaxError, clauses, unquoted
from proxy.core.versions.logged_models import SINCE, artifact_uri, document, models_of, stored_path
from proxy.core.versions.model_metrics import metrics_of
from proxy.core.versions.model_runs import find, with_metrics, with_models
from proxy.core.versions.model_search import CannotSearchError, Document, matching, ordered, page
from proxy.core.versions.runs import Run


def _get(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    deleted = str(call.arguments.get("allow_deleted", "")).lower() == "true"
    found = yield from find(str(call.arguments.get("model_id")), dialects, deleted=deleted)
    if isinstance(found, Response):
        return found
    run, model = found
    others = yield from with_metrics([runs.experiment_of(run)])
    metrics = metrics_of([run, *(others if isinstance(others, list) else [])])
    return jsontext.answer({"model": document(model, run, metrics.get(model.model_id, ()))})


def _list(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    found = yield from find(str(call.arguments.get("model_id")), dialects)
    if isinstance(found, Response):
        return found
    run, model = found
    folder = str(call.arguments.get("artifact_directory_path") or "").strip("/")
    path = stored_path(model, run, folder)
    if path is None:
        return mlflow_errors.invalid("The files of this model do not go through the server.")
    answer = yield Call("ListProxiedArtifacts", {"path": path})
    content = answers.success(answer)
    if content is None:
        return answer
    files = [{**file, "path": "/".join(filter(None, (folder, file["path"])))} for file in answers.files(content)]
    return jsontext.answer({"root_uri": artifact_uri(model, run), "files": files})


def _search(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    asked = call.arguments
    try:
        models = yield from noted(asked)
        if isinstance(models, Response):
            return models
        return jsontext.answer(page(ordered(models, as_list(asked.get("order_by"))), asked))
    except CannotSearchError as error:
        return mlflow_errors.invalid(str(error))


def noted(asked: Mapping[str, Any]) -> Generator[Call, Response, list[Document] | Response]:
    """The models in notes that a search is for, in no order; the server's answer where it refused to say.

    Raises:
        CannotSearchError: the search makes no sense.
    """
    text = str(asked.get("filter") or "")
    experiments = [str(each) for each in as_list(asked.get("experiment_ids"))]
    datasets = as_list(asked.get("datasets"))
    matching([], text, datasets)  # says what is wrong with the filter before anything is asked
    there = yield from _runs(experiments, text)
    if isinstance(there, Response):
        return there
    here = [run for run in there if runs.experiment_of(run) in experiments]
    found = [(run, model) for run in here for model in models_of(run) if not model.deleted]
    others = (yield from with_metrics(experiments)) if found else []
    metrics = metrics_of([*here, *(others if isinstance(others, list) else [])])
    return matching([document(model, run, metrics.get(model.model_id, ())) for run, model in found], text, datasets)


def _runs(experiments: list[str], text: str) -> Generator[Call, Response, list[Run] | Response]:
    """The runs to look at: the one that the filter names, else all that have models."""
    source = _source_run(text)
    if source is None:
        return (yield from with_models(experiments))
    run = yield from runs.read(source)
    if not isinstance(run, Response):
        return [run]
    return [] if run.status == 404 else run


def _source_run(text: str) -> str | None:
    try:
        wanted = [each for each in clauses(text) if each.identifier.key == "source_run_id" and each.comparator == "="]
    except FilterSyntaxError:
        return None
    return unquoted(wanted[0].value) if wanted and wanted[0].identifier.entity in {"", "attributes"} else None


RECIPES: Mapping[str, Recipe] = {
    "GetLoggedModel": _get,
    "ListLoggedModelArtifacts": _list,
    "SearchLoggedModels": _search,
}


CHANGE = VersionChange(
    name="read_models_from_runs",
    operations=frozenset(RECIPES),
    servers=(None, before(SINCE)),
    recipe=by_operation(RECIPES),
    emulates=True,
    lost="all but the last point of each metric of a logged model",
)
