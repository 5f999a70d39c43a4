"""Long params and tags that were kept in pieces are shown whole by the same server after its upgrade.

Why: the upgraded server would take them as they are, but has them as ``keep_long_run_values`` and its like left them.
Lost: nothing.
Source: observed on databases of 1.30.1 and 2.22.4 upgraded to 3.17.2.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions import long_values
from proxy.core.versions.change import VersionChange
from proxy.core.versions.v2_17 import show_long_run_values
from proxy.core.versions.v3_0 import show_long_registry_tags
from proxy.core.versions.v3_17 import show_long_experiment_tags

CHANGE = VersionChange(
    name="show_long_values_of_before",
    operations=show_long_run_values.CHANGE.operations
    | show_long_registry_tags.CHANGE.operations
    | show_long_experiment_tags.CHANGE.operations,
    servers=(Version(2, 17), None),
    reveals=True,
    looks_inside=False,
    response=long_values.show,
    emulates=True,
)
