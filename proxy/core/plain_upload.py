"""Telling a client to take the plain way for an artifact: one PUT or GET through the server.

MLflow's clients (2.9 to 3.17) fall back from a multipart upload only when the answer's message *begins* with the very
words of MLflow's own exception; any other answer, whatever its status, fails the upload.
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.versions import jsontext

_WORDS = {
    "CreatePresignedUploadUrl": "Presigned upload",
    "CreatePresignedDownloadUrl": "Presigned download",
    "GetProxiedPresignedDownloadUrl": "Multipart download",
}


def message(operation: str, why: str) -> str:
    """MLflow's words for a step that the artifact store cannot do, and ``why`` behind them."""
    what = _WORDS.get(operation, "Multipart upload")
    return f"{what} is not supported for the current artifact repository ({why})"


def answer(operation: str, why: str) -> Response:
    """The message as MLflow's answer: 501 NOT_IMPLEMENTED, which no client repeats."""
    return jsontext.answer({"error_code": "NOT_IMPLEMENTED", "message": message(operation, why)}, status=501)
