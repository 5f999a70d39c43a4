"""The files of a model version may be those of a logged model.

Why: what an older client registered from ``runs:/R/NAME`` lies, on a server before 3.0, in the folder of a logged model
when a 3.x client logged it; that folder is hidden from clients from 3.0 on (``hide_model_files_of_runs``), so they are
given the logged model's own path.
Lost: nothing.
Source: ``model-versions/get-download-uri`` of 1.30.1 and 2.22.4.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, runs
from proxy.core.versions.artifact_uris import path_in
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE, artifact_uri, at, models_of, run_path


def _download_uri(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    answer = yield call
    path = run_path(path_in((answers.success(answer) or {}).get("artifact_uri")))
    if path is None or not path[2]:
        return answer
    run = yield from runs.read(path[1])
    model = at(models_of(run), path[2]) if not isinstance(run, Response) else None
    if isinstance(run, Response) or model is None:
        return answer
    rest = path[2].partition("/")[2]
    return jsontext.with_body(answer, {"artifact_uri": "/".join(filter(None, (artifact_uri(model, run), rest)))})


CHANGE = VersionChange(
    name="show_model_files_of_versions",
    operations=frozenset({"GetModelVersionDownloadUri"}),
    servers=(None, before(SINCE)),
    clients=(SINCE, None),
    reveals=True,
    recipe=_download_uri,
    emulates=True,
)
