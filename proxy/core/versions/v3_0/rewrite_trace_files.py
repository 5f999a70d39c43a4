"""Spans lie in ``traces.json`` in a new form.

Why: 2.x clients refuse a whole page of traces when one of its files is in the form of 3.x. The file is rewritten on its
way to them. 3.x clients read both forms, so nothing is done the other way.
Lost: links between spans, which 2.x does not have.
Source: observed with 2.14.3 and 2.22.4 clients ("It was created with MLflow 3.x, but you're using MLflow 2.22.4").
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, spans, trace_files
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _rewrite(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    found = trace_files.spans_in(answer.body)
    if found is None or not any(map(spans.is_v3, found)):
        return answer
    return jsontext.with_body(answer, spans.file_of_v2(found))


CHANGE = VersionChange(
    name="rewrite_trace_files",
    operations=frozenset({"DownloadArtifact"}),
    servers=(None, None),
    clients=(None, before(Version(3, 0))),
    every_client=True,  # a 3.x client may have written it on a 2.x server
    applies=trace_files.is_trace_file,
    looks_inside=False,
    response=_rewrite,
    lost="links between spans",
)
