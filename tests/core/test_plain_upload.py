"""The words by which clients take the plain way."""

from __future__ import annotations

import json

import pytest

from proxy.core import plain_upload


@pytest.mark.parametrize(
    ("operation", "begins"),
    [
        ("CreateMultipartUpload", "Multipart upload is not supported for the current artifact repository"),
        ("AbortMultipartUpload", "Multipart upload is not supported for the current artifact repository"),
        ("CreatePresignedUploadUrl", "Presigned upload is not supported for the current artifact repository"),
        ("CreatePresignedDownloadUrl", "Presigned download is not supported for the current artifact repository"),
        ("GetProxiedPresignedDownloadUrl", "Multipart download is not supported for the current artifact repository"),
    ],
)
def test_the_message_begins_as_mlflows_own(operation, begins):
    """Clients compare its beginning; the reason comes after it."""
    answer = plain_upload.answer(operation, "why")
    body = json.loads(answer.body)
    assert (answer.status, body["error_code"]) == (501, "NOT_IMPLEMENTED")
    assert body["message"].startswith(begins)
    assert "why" in body["message"]
