"""``server-info`` tells what a server can do.

Why: clients since 3.10 ask before they use workspaces, 3.17 ones before downloads and large uploads. A server without
the endpoint has none of what it would tell, so every capability is answered with "no": clients then take the plain
ways. ``store_type`` stays empty, because it cannot be known from outside.
Lost: nothing.
Source: fields of 3.10.1, 3.14.0 and 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_NOTHING_SPECIAL: dict[str, object] = {
    "store_type": None,
    "workspaces_enabled": False,
    "trace_archival_enabled": False,
    "multipart_uploads_enabled": False,
    "multipart_downloads_enabled": False,
    "presigned_upload_run_id_supported": False,
    "presigned_upload_model_id_supported": False,
    "features_enabled": {},
}


def _tell(_call: Call, _dialects: Dialects) -> Generator[Call, Response, Response]:
    yield from ()
    return jsontext.answer(_NOTHING_SPECIAL)


CHANGE = VersionChange(
    name="answer_server_info",
    operations=frozenset({"GetServerInfo"}),
    servers=(None, before(Version(3, 9))),
    recipe=_tell,
)
