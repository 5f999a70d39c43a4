"""A run may be created with nothing but the tag ``mlflow.runName``; the server adopts it as the name.

Why: 1.29 and 1.30 draw a random name before they look at the tags, and then refuse the create with 400 because name
and tag differ. The tag is copied into ``run_name``.
Lost: nothing.
Source: observed on 1.30.1 ("Both 'run_name' argument and 'mlflow.runName' tag are specified …") and 2.0.1.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions import run_names
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _applies(call: Call, _: Dialects) -> bool:
    return not call.arguments.get("run_name") and bool(run_names.in_tags(call.arguments.get("tags")))


def _copy(call: Call, _: Dialects) -> Call:
    return Call(call.operation, {**call.arguments, "run_name": run_names.in_tags(call.arguments["tags"])})


CHANGE = VersionChange(
    name="copy_run_name_tag",
    operations=frozenset({"CreateRun"}),
    servers=(Version(1, 29), before(Version(2, 0))),
    applies=_applies,
    request=_copy,
    when="the name stands in the tag mlflow.runName alone",
)
