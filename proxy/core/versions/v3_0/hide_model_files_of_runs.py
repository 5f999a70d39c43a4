"""Files of logged models are not among their run's artifacts.

Why: clients from 3.0 on add the files of a run's logged models to those of the run by themselves. On servers before 3.0
the former lie among the latter (``keep_model_files_on_runs``), and would be seen and loaded twice.
Lost: nothing.
Source: ``store/artifact/runs_artifact_repo.py`` of 3.1.4 and 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE, at, models_of, run_path


def _hide(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    path = run_path(call.arguments.get("path"))
    run = (yield from runs.read(path[1])) if path is not None else None
    if path is None or run is None or isinstance(run, Response):
        return (yield call)
    models = models_of(run)
    if path[2]:
        return jsontext.answer({}) if at(models, path[2]) is not None else (yield call)
    answer = yield call
    content = answers.success(answer)
    if content is None or not models:
        return answer
    shown = [file for file in answers.files(content) if at(models, file["path"]) is None]
    return jsontext.with_body(answer, {**content, "files": shown})


CHANGE = VersionChange(
    name="hide_model_files_of_runs",
    operations=frozenset({"ListProxiedArtifacts"}),
    servers=(None, before(SINCE)),
    clients=(SINCE, None),
    reveals=True,
    applies=lambda call, _: run_path(call.arguments.get("path")) is not None,
    recipe=_hide,
    emulates=True,
    when="a run's artifacts are listed",
)
