"""Long params and tags of runs, as kept by ``keep_long_run_values``, are shown whole to every client.

Why: to the server they are a beginning, a mark, and hidden tags.
Lost: nothing.
Source: ``keep_long_run_values``.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions import long_values
from proxy.core.versions.change import VersionChange, before

CHANGE = VersionChange(
    name="show_long_run_values",
    operations=frozenset(
        {
            "CreateRun",
            "GetRun",
            "SearchRuns",
        }
    ),
    servers=(None, before(Version(2, 17))),
    reveals=True,
    looks_inside=False,
    response=long_values.show,
    emulates=True,
)
