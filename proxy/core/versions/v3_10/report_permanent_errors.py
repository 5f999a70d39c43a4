"""What will never work is no 500.

Why: clients repeat whatever was answered with 500 for up to minutes, and then report that, not the error. Two such
answers are permanent: ``INVALID_STATE`` (renaming a deleted experiment), which MLflow of every version sends with 500,
and what servers of 3.3 to 3.9 say to an experiment id that is no number; others answer that with 4xx. Both become 400,
with the message as it was. A client of the server's own version gets what it would get without us.
Lost: nothing.
Source: ``INVALID_STATE`` observed on 1.20.2 to 3.3.2; the number on 3.3.2.
"""

from __future__ import annotations

from dataclasses import replace

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Answers, Call, Dialects, VersionChange

_NO_NUMBER = "invalid literal for int() with base 10"


def _report(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer) if answer.status == 500 else None
    if content is None:
        return answer
    if content.get("error_code") == "INVALID_STATE":
        return replace(answer, status=400)
    if _NO_NUMBER in str(content.get("message")):
        return jsontext.with_body(replace(answer, status=400), {**content, "error_code": "INVALID_PARAMETER_VALUE"})
    return answer


CHANGE = VersionChange(
    name="report_permanent_errors",
    operations=frozenset(CATALOGUE),
    servers=(None, None),
    clients=(Version(1, 0), None),
    looks_inside=False,
    response=_report,
    answers=Answers.ERRORS,
)
