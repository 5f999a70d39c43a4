"""Spans that a 3.x client left on a 2.x server are shown to 2.x clients.

Why: the file is the client's own work, so it is in the form of 3.x whatever the server's version; see
``rewrite_trace_files``. Clients of the server's own version could not read it either.
Lost: links between spans, which 2.x does not have.
Source: files that 3.3.2 and 3.17.2 clients put on 2.14.3 and 2.22.4 servers.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions import trace_files
from proxy.core.versions.change import VersionChange, before

_SINCE = Version(3, 0)

CHANGE = VersionChange(
    name="show_trace_files",
    operations=frozenset({"DownloadArtifact"}),
    servers=(None, before(_SINCE)),
    clients=(None, before(_SINCE)),
    reveals=True,
    applies=trace_files.is_trace_file,
    looks_inside=False,
    response=trace_files.rewritten,
    lost="links between spans",
    when="the artifact holds the spans of a trace",
)
