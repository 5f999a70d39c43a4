"""Errors have names that clients up to 2.2 do not know.

Why: those clients look the name of an error up in their own list, and a 1.x client that does not find it fails with a
``ValueError`` in the place of MLflow's exception. A name outside the old list becomes the one on it that says most of
the same; the message stays.
Lost: the exact name.
Source: ``ErrorCode`` in databricks.proto of 2.0.1 and 2.3.2; observed with a 1.30.1 client.
"""

from __future__ import annotations

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Answers, Call, Dialects, VersionChange, before

KNOWN = frozenset(
    {
        "BAD_REQUEST",
        "COULD_NOT_ACQUIRE_LOCK",
        "CUSTOMER_UNAUTHORIZED",
        "DIRECTORY_NOT_EMPTY",
        "DIRECTORY_PROTECTED",
        "DRY_RUN_FAILED",
        "ENDPOINT_NOT_FOUND",
        "FEATURE_DISABLED",
        "INTERNAL_ERROR",
        "INVALID_PARAMETER_VALUE",
        "INVALID_STATE",
        "INVALID_STATE_TRANSITION",
        "IO_ERROR",
        "MALFORMED_REQUEST",
        "MAX_BLOCK_SIZE_EXCEEDED",
        "MAX_NOTEBOOK_SIZE_EXCEEDED",
        "MAX_READ_SIZE_EXCEEDED",
        "PERMISSION_DENIED",
        "QUOTA_EXCEEDED",
        "REQUEST_LIMIT_EXCEEDED",
        "RESOURCE_ALREADY_EXISTS",
        "RESOURCE_DOES_NOT_EXIST",
        "RESOURCE_LIMIT_EXCEEDED",
        "TEMPORARILY_UNAVAILABLE",
    }
)

_BY_NAME = {
    "ALREADY_EXISTS": "RESOURCE_ALREADY_EXISTS",
    "NOT_FOUND": "RESOURCE_DOES_NOT_EXIST",
    "NOT_IMPLEMENTED": "ENDPOINT_NOT_FOUND",
    "RESOURCE_EXHAUSTED": "REQUEST_LIMIT_EXCEEDED",
    "UNAUTHENTICATED": "CUSTOMER_UNAUTHORIZED",
}
_BY_STATUS = {
    401: "CUSTOMER_UNAUTHORIZED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
}


def _rename(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer)
    name = content.get("error_code") if content is not None else None
    if content is None or not isinstance(name, str) or name in KNOWN:
        return answer
    rest = "INTERNAL_ERROR" if answer.status >= 500 else "BAD_REQUEST"
    known = _BY_NAME.get(name) or _BY_STATUS.get(answer.status, rest)
    return jsontext.with_body(answer, {**content, "error_code": known})


CHANGE = VersionChange(
    name="use_known_error_codes",
    operations=frozenset(CATALOGUE),
    servers=(None, None),
    clients=(None, before(Version(2, 3))),
    looks_inside=False,
    response=_rename,
    answers=Answers.ERRORS,
    lost="the exact name of an error",
)
