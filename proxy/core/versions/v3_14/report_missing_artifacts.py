"""A missing artifact is 404, not 500.

Why: clients retry 500 for minutes. Servers before 3.14 answer 500 with a JSON error that wraps what the artifact store
said; only when that says "no such file" is it turned into what newer servers answer. Any other 500 stays: a directory,
a full disk or lost credentials look different.
Lost: nothing.
Source: observed on 1.30.1 (``"FileNotFoundError(2, 'No such file or directory')"``) and 2.22.4 (``[Errno 2] No such
file or directory``) with a local artifact root; the S3 texts are botocore's.
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, mlflow_errors
from proxy.core.versions.change import Answers, Call, Dialects, VersionChange, before

_WRAPPED = "failures occurred while downloading"
_MISSING = ("No such file or directory", "FileNotFoundError", "An error occurred (404)", "NoSuchKey")


def _tell(answer: Response, call: Call, _: Dialects) -> Response:
    content = jsontext.read_answer(answer) if answer.status == 500 else None
    message = content.get("message") if content is not None else None
    if not isinstance(message, str) or _WRAPPED not in message or not any(text in message for text in _MISSING):
        return answer
    path = call.arguments.get("artifact_path", "")
    return mlflow_errors.absent(f"No such artifact: '{path}'")


CHANGE = VersionChange(
    name="report_missing_artifacts",
    operations=frozenset({"DownloadArtifact"}),
    servers=(None, before(Version(3, 14))),
    looks_inside=False,
    response=_tell,
    answers=Answers.ERRORS,
    when="there is no such artifact",
)
