"""Artifacts: bytes of runs, logged models and traces.

Source: proxied artifact paths begin with the experiment id (``3/0f3c…/artifacts/x``, ``3/models/m-…/artifacts/x``,
``3/traces/tr-…/artifacts/x``; with workspaces ``workspaces/WS/`` comes first). A PUT replaces, a DELETE of what is gone
is an error only up to 2.14. The lane of a write follows from its path and is worked out where lanes are made.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Lane, Operation, Sites, VersionSite

_IN_PATH = Sites(artifact_path="{artifact_path}")
_SUBJECT = ("{artifact_path}",)


def _apart(name: str, skip: str, request: Sites) -> Operation:
    """An upload step that carries no bytes through us: the client talks to the artifact store itself."""
    return Operation(name, Kind.WRITE, Lane.OTHER, skip=skip, request=request)


OPERATIONS: tuple[Operation, ...] = (
    Operation("DownloadArtifact", Kind.ARTIFACT_READ, request=_IN_PATH, streamed=True),
    Operation(
        "UploadArtifact",
        Kind.ARTIFACT_WRITE,
        Lane.OTHER,
        _SUBJECT,
        repeatable=True,
        request=_IN_PATH,
        streamed=True,
    ),
    Operation(
        "DeleteArtifact",
        Kind.ARTIFACT_WRITE,
        Lane.OTHER,
        _SUBJECT,
        repeatable=True,
        request=_IN_PATH,
        streamed=True,
    ),
    Operation("ListProxiedArtifacts", Kind.READ, request=Sites(artifact_path="path")),
    Operation("ListArtifacts", Kind.READ),
    # Uploads by the UI (tables, prompt lab): the body is the file, the query has ``run_uuid`` and a ``path`` below that
    # run's artifacts, which is why ``artifact_path`` is not said: its first segment is no experiment.
    Operation("UploadArtifactUi", Kind.ARTIFACT_WRITE, Lane.RUN, ("run_uuid",), repeatable=True, streamed=True),
    Operation("GetArtifactUi", Kind.ARTIFACT_READ, streamed=True),
    Operation(
        "GetModelVersionArtifactUi",
        Kind.ARTIFACT_READ,
        request=Sites(versions=(VersionSite("name", "version"),)),
        streamed=True,
    ),
    Operation("GetTraceArtifactUi", Kind.ARTIFACT_READ, streamed=True),
    Operation("GetLoggedModelArtifactUi", Kind.ARTIFACT_READ, streamed=True),
    _apart("CreateMultipartUpload", "multipart", _IN_PATH),
    _apart("CompleteMultipartUpload", "multipart", _IN_PATH),
    _apart("AbortMultipartUpload", "multipart", _IN_PATH),
    _apart("CreatePresignedUploadUrl", "presigned", Sites()),
    # Reading by a signed URL bypasses nobody: the bytes are the serving side's.
    Operation("CreatePresignedDownloadUrl", Kind.READ),
    Operation("GetProxiedPresignedDownloadUrl", Kind.READ, request=_IN_PATH),
)
