"""Files of logged models have paths of their own: ``E/models/m-…/artifacts/…``.

Why: on servers before 3.0 the files of a model lie in a folder among its run's artifacts, where older clients find
them; clients from 3.0 on use the paths that a 3.x server gives out, whichever server they spoke to when they learned
them.
Lost: nothing.
Source: artifact locations of 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE, own_path
from proxy.core.versions.model_runs import stored


def _detour(call: Call, dialects: Dialects) -> Generator[Call, Response, Call | Response | None]:
    path = yield from stored(call.arguments.get("artifact_path"), dialects)
    return Call(call.operation, {**call.arguments, "artifact_path": path}) if isinstance(path, str) else path


CHANGE = VersionChange(
    name="keep_model_files_on_runs",
    operations=frozenset({"DownloadArtifact", "UploadArtifact", "DeleteArtifact"}),
    servers=(None, before(SINCE)),
    applies=lambda call, _: own_path(call.arguments.get("artifact_path")) is not None,
    looks_inside=False,
    detour=_detour,
    emulates=True,
    when="the artifact is a file of a logged model",
)
