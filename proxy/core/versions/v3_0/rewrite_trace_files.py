"""Spans lie in ``traces.json`` in a new form.

Why: 2.x clients refuse a whole page of traces when one of its files is in the form of 3.x. The file is rewritten on its
way to them. 3.x clients read both forms, so nothing is done the other way. (``show_trace_files`` does the same where it
is not the server that is new.)
Lost: links between spans, which 2.x does not have.
Source: observed with 2.14.3 and 2.22.4 clients ("It was created with MLflow 3.x, but you're using MLflow 2.22.4").
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions import trace_files
from proxy.core.versions.change import VersionChange, before

_SINCE = Version(3, 0)

CHANGE = VersionChange(
    name="rewrite_trace_files",
    operations=frozenset({"DownloadArtifact"}),
    servers=(_SINCE, None),
    clients=(None, before(_SINCE)),
    applies=trace_files.is_trace_file,
    looks_inside=False,
    response=trace_files.rewritten,
    lost="links between spans",
    when="the artifact holds the spans of a trace",
)
