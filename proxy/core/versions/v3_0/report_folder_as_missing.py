"""A folder that is asked for as a file is not there.

Why: a client from 3.0 on to which a folder does not show (``hide_model_files_of_runs``) takes its name for a file's.
Servers before 3.0 answer 500 to that, which clients repeat for minutes, where nothing would have been found.
Lost: nothing.
Source: observed on 1.30.1 and 2.22.4 (``[Errno 21] Is a directory``).
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.versions import jsontext
from proxy.core.versions.change import Answers, Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE
from proxy.core.versions.model_runs import refuse

_DIRECTORY = ("Is a directory", "IsADirectoryError")


def _no_file(answer: Response, call: Call, _: Dialects) -> Response:
    content = jsontext.read_answer(answer) if answer.status == 500 else None
    message = content.get("message") if content is not None else None
    if not isinstance(message, str) or not any(text in message for text in _DIRECTORY):
        return answer
    return refuse("RESOURCE_DOES_NOT_EXIST", f"No such artifact: '{call.arguments.get('artifact_path', '')}'", 404)


CHANGE = VersionChange(
    name="report_folder_as_missing",
    operations=frozenset({"DownloadArtifact"}),
    servers=(None, before(SINCE)),
    clients=(SINCE, None),
    looks_inside=False,
    response=_no_file,
    answers=Answers.ERRORS,
)
