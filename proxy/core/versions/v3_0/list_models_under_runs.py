"""Files of logged models are no longer listed among their run's artifacts.

Why: clients before 3.0 look for ``runs:/R/NAME`` in the run's artifacts, where a 3.x server has nothing when a 3.x
client logged the model. The logged model of that name and run is found and its files are listed; when the run itself is
listed, the models' folders are in the list.
Lost: of several models of one name in a run, all but the newest.
Source: observed with 1.30.1, 2.9.2 and 2.22.4 clients on 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before, by_operation
from proxy.core.versions.logged_models import SINCE, run_path
from proxy.core.versions.models_under_runs import LOST, models_under, place_of


def _list(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    path = call.arguments.get("path")
    under = run_path(path)
    answer = yield call
    content = answers.success(answer)
    if content is None or under is None:
        return answer
    if not under[2]:
        names = yield from _names(under[0], under[1])
        return _with_folders(answer, content, names)
    if answers.files(content):
        return answer
    place = yield from place_of(path)
    return (yield Call(call.operation, {"path": place})) if place is not None else answer


def _names(experiment: str, run: str) -> Generator[Call, Response, list[str]]:
    models = yield from models_under(experiment, run)
    return sorted({str(each.get("name") or "") for each in models} - {""})


def _with_folders(answer: Response, content: dict[str, Any], names: list[str]) -> Response:
    listed = answers.files(content)
    there = {file["path"] for file in listed}
    more = [{"path": name, "is_dir": True} for name in names if name not in there]
    return jsontext.with_body(answer, {**content, "files": [*listed, *more]}) if more else answer


def _list_of_run(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    """The same for ``artifacts/list``, which names the run and a path below its artifacts."""
    answer = yield call
    content = answers.success(answer)
    asked = str(call.arguments.get("path") or "").strip("/")
    if content is None or (asked and answers.files(content)):
        return answer
    run = yield from runs.read(str(runs.named(call.arguments)))
    if isinstance(run, Response):
        return answer
    experiment, run_id = runs.experiment_of(run), runs.id_of(run)
    if not asked:
        return _with_folders(answer, content, (yield from _names(experiment, run_id)))
    place = yield from place_of(f"{experiment}/{run_id}/artifacts/{asked}")
    if place is None:
        return answer
    listed = answers.success((yield Call("ListProxiedArtifacts", {"path": place})))
    below = [{**file, "path": f"{asked}/{file['path']}"} for file in answers.files(listed)]
    return jsontext.with_body(answer, {**content, "files": below}) if below else answer


_RECIPES = {"ListProxiedArtifacts": _list, "ListArtifacts": _list_of_run}

CHANGE = VersionChange(
    name="list_models_under_runs",
    operations=frozenset(_RECIPES),
    servers=(SINCE, None),
    clients=(None, before(SINCE)),
    applies=lambda call, _: call.operation == "ListArtifacts" or run_path(call.arguments.get("path")) is not None,
    recipe=by_operation(_RECIPES),
    lost=LOST,
    when="artifacts of a run are listed",
)
