"""Files of spans: ``EXPERIMENT/traces/TRACE/artifacts/traces.json`` in the artifact store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proxy.core.messages import Response
from proxy.core.versions import artifact_uris, jsontext, notes, spans
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.trace_infos import ARTIFACT_LOCATION

_PATH = re.compile(r"(?:^|/)traces/([^/]+)/artifacts/traces\.json$")


def is_trace_file(call: Call, _dialects: Dialects) -> bool:
    """Whether an artifact is a file of spans."""
    return trace_of(call) is not None


def trace_of(call: Call) -> str | None:
    """The trace whose spans an artifact holds."""
    found = _PATH.search(str(call.arguments.get("artifact_path") or ""))
    return found[1] if found is not None else None


def path_of(info: Mapping[str, Any]) -> str | None:
    """Where the spans of a trace (a version-3 info) lie; None when that is not behind the server."""
    path = artifact_uris.path_in(notes.as_map(info.get("tags")).get(ARTIFACT_LOCATION))
    return f"{path}/traces.json" if path is not None else None


def reading(info: Mapping[str, Any]) -> Call | None:
    """The call that reads the spans of a trace; None when they are not behind the server."""
    path = path_of(info)
    return Call("DownloadArtifact", {"artifact_path": path}) if path is not None else None


def rewritten(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    """The response part of the changes that give 2.x clients spans in the form of 2.x."""
    found = spans_in(answer.body)
    if found is None or not any(map(spans.is_v3, found)):
        return answer
    return jsontext.with_body(answer, spans.file_of_v2(found))


def spans_in(body: bytes) -> list[dict[str, Any]] | None:
    """The spans in a file, in whatever form it has; None when it is none."""
    try:
        content = jsontext.read_object(body)
    except ValueError:
        return None
    found = content.get("spans")
    if not isinstance(found, list) or not all(isinstance(span, dict) for span in found):
        return None
    return found
