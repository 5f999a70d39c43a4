"""Files whose names have letters beyond ASCII can be downloaded.

Why: servers put the name into a header as it is. Those of 3.3 and later (uvicorn) answer 500 to any letter beyond
ASCII, older ones (gunicorn) answer 500 or hang up at letters beyond latin-1, and clients retry both for minutes. The
way by which the server's own pages fetch a file encodes the name, so such a file is fetched that way, from a run or a
logged model. Names of folders do no harm.
Lost: nothing. Files outside of a run or a model, which pages do not show, stay out of reach.
Source: observed on 1.30.1, 2.0.1, 2.22.4, 3.3.2, 3.10.1 and 3.12.0; 3.17.2 serves every name.
"""

from __future__ import annotations

import re
from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_SERVES_FILES = Version(1, 23)
_ASCII_ONLY = Version(3, 2)
_PATH = re.compile(
    r"(?:workspaces/[^/]+/)?\d+/(?:(?P<run>[0-9a-f]{32})|models/(?P<model>m-[0-9a-f]{32}))/artifacts/(?P<path>.+)"
)


def _applies(call: Call, dialects: Dialects) -> bool:
    path = str(call.arguments.get("artifact_path", ""))
    last = "\x7f" if dialects.server >= _ASCII_ONLY else "\xff"
    return max(path.rpartition("/")[2], default="") > last and _PATH.fullmatch(path) is not None


def _fetch(call: Call, _: Dialects) -> Generator[Call, Response, Call | Response | None]:
    yield from ()
    found = _PATH.fullmatch(str(call.arguments["artifact_path"]))
    if found is None:
        return None
    if found["run"] is not None:
        return Call("GetArtifactUi", {"run_uuid": found["run"], "path": found["path"]})
    return Call("GetLoggedModelArtifactUi", {"model_id": found["model"], "artifact_file_path": found["path"]})


CHANGE = VersionChange(
    name="serve_any_file_name",
    operations=frozenset({"DownloadArtifact"}),
    servers=(_SERVES_FILES, before(Version(3, 17))),
    applies=_applies,
    looks_inside=False,
    detour=_fetch,
    when="the file's name has letters beyond ASCII",
)
