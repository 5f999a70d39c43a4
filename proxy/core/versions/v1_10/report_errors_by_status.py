"""The status of an error says what kind it is: 404 for what is not there, 400 for what cannot be.

Why: servers before 1.10 answer every error of MLflow's with 500, "does not exist" included. Clients from 1.20 on repeat
500 for up to minutes and then report that, where they should have found nothing, or made an experiment.
Lost: nothing.
Source: observed on 1.0.0 and 1.10.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Answers, Call, Dialects, VersionChange, before

_STATUSES: Mapping[str, int] = {
    "RESOURCE_DOES_NOT_EXIST": 404,
    "ENDPOINT_NOT_FOUND": 404,
    "INVALID_PARAMETER_VALUE": 400,
    "RESOURCE_ALREADY_EXISTS": 400,
    "MALFORMED_REQUEST": 400,
    "BAD_REQUEST": 400,
    "PERMISSION_DENIED": 403,
}


def _by_code(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer) if answer.status == 500 else None
    status = _STATUSES.get(str(content.get("error_code"))) if content is not None else None
    return answer if status is None else replace(answer, status=status)


CHANGE = VersionChange(
    name="report_errors_by_status",
    operations=frozenset(CATALOGUE),
    servers=(None, before(Version(1, 10))),
    looks_inside=False,
    response=_by_code,
    answers=Answers.ERRORS,
)
