"""Files of logged models are no longer served from among their run's artifacts.

Why: as ``list_models_under_runs``, for the bytes of the files.
Lost: of several models of one name in a run, all but the newest.
Source: observed with 1.30.1, 2.9.2 and 2.22.4 clients on 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE
from proxy.core.versions.models_under_runs import LOST, place_of


def _instead(call: Call, _: Dialects) -> Generator[Call, Response, Call | Response | None]:
    place = yield from place_of(call.arguments.get("artifact_path"))
    return Call(call.operation, {**call.arguments, "artifact_path": place}) if place is not None else None


CHANGE = VersionChange(
    name="find_model_files_under_runs",
    operations=frozenset({"DownloadArtifact"}),
    servers=(SINCE, None),
    clients=(None, before(SINCE)),
    looks_inside=False,
    detour_if_missing=_instead,
    when="there is no such artifact",
    lost=LOST,
)
