"""Clients can ask for signed addresses of the artifact store.

Why: servers before 3.14 give none. The refusal is that of a server whose artifact store cannot sign, after which
clients take the plain way through the server.
Lost: nothing but speed.
Source: ``_UnsupportedPresignedUploadException`` and its like in 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core import plain_upload
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _refuse(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    yield from ()
    return plain_upload.answer(call.operation, f"it needs an MLflow server >= 3.14; this one is {dialects.server}")


CHANGE = VersionChange(
    name="refuse_presigned_urls",
    operations=frozenset({"CreatePresignedUploadUrl", "CreatePresignedDownloadUrl", "GetProxiedPresignedDownloadUrl"}),
    servers=(None, before(Version(3, 14))),
    recipe=_refuse,
)
