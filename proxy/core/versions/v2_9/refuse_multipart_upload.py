"""Large files can be uploaded in parts (``mlflow-artifacts/mpu/…``).

Why: servers before 2.9 cannot do that, and clients that were told to (``MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD``) fail
unless the refusal is in the words of a server whose artifact store cannot do it. Then they send one plain PUT.
Lost: nothing but speed.
Source: ``_try_multipart_upload`` of the clients 2.9.2, 2.22.4 and 3.17.2; observed with them on 1.30.1.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core import plain_upload
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _refuse(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    yield from ()
    return plain_upload.answer(call.operation, f"it needs an MLflow server >= 2.9; this one is {dialects.server}")


CHANGE = VersionChange(
    name="refuse_multipart_upload",
    operations=frozenset({"CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload"}),
    servers=(None, before(Version(2, 9))),
    recipe=_refuse,
)
