"""A folder that is asked for as a file is not there.

Why: a client from 3.0 on to which a folder does not show (``hide_model_files_of_runs``) takes its name for a file's.
Servers before 3.0 answer 500 to that, often as a page that says nothing, which clients repeat for minutes where
nothing would have been found. Whether it is a folder is asked with a listing of the folder around it.
Lost: nothing.
Source: observed on 1.30.1 (a page) and 2.22.4 (``[Errno 21] Is a directory``).
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import answers, mlflow_errors
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE


def _no_file(call: Call, _: Dialects) -> Generator[Call, Response, Call | Response | None]:
    path = str(call.arguments.get("artifact_path", "")).strip("/")
    around, _slash, name = path.rpartition("/")
    listed = answers.success((yield Call("ListProxiedArtifacts", {"path": around})))
    folders = {file["path"].rpartition("/")[2] for file in answers.files(listed) if file.get("is_dir")}
    return mlflow_errors.absent(f"No such artifact: '{path}'") if name in folders else None


CHANGE = VersionChange(
    name="report_folder_as_missing",
    operations=frozenset({"DownloadArtifact"}),
    servers=(None, before(SINCE)),
    clients=(SINCE, None),
    looks_inside=False,
    detour_if_missing=_no_file,
    when="a folder is asked for",
)
