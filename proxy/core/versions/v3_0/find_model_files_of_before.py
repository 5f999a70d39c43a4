"""Files of logged models that were kept on runs are found on the same server after its upgrade.

Why: on servers before 3.0 they lie among the files of a run (``keep_model_files_on_runs``), and there they stay. What
is not under the model's own path is looked for there.
Lost: nothing.
Source: observed on databases of 2.22.4 upgraded to 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.logged_models import SINCE, own_path
from proxy.core.versions.model_runs import stored


def _instead(call: Call, dialects: Dialects) -> Generator[Call, Response, Call | Response | None]:
    path = yield from stored(call.arguments.get("artifact_path"), dialects)
    return Call(call.operation, {**call.arguments, "artifact_path": path}) if isinstance(path, str) else None


CHANGE = VersionChange(
    name="find_model_files_of_before",
    operations=frozenset({"DownloadArtifact"}),
    servers=(SINCE, None),
    reveals=True,
    applies=lambda call, _: own_path(call.arguments.get("artifact_path")) is not None,
    when="there is no such artifact",
    looks_inside=False,
    detour_if_missing=_instead,
    emulates=True,
)
