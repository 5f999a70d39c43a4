"""``get-latest-versions`` without ``stages`` includes versions in stage "None".

Why: servers up to 1.20.2 leave those versions out unless the stage is asked for by name, so a client of 1.23 or later
would not find a version that was never moved to a stage. All four stages are named for it.
Lost: nothing. (That the endpoint moved from GET to POST in the same release is a matter of routes.)
Source: observed on 1.10.0 to 3.17.2.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_SINCE = Version(1, 23)
_STAGES = ("None", "Staging", "Production", "Archived")


def _applies(call: Call, _: Dialects) -> bool:
    return not call.arguments.get("stages")


def _name_them(call: Call, _: Dialects) -> Call:
    return Call(call.operation, {**call.arguments, "stages": list(_STAGES)})


CHANGE = VersionChange(
    name="name_all_stages",
    operations=frozenset({"GetLatestVersions"}),
    servers=(None, before(_SINCE)),
    clients=(_SINCE, None),
    applies=_applies,
    request=_name_them,
    when="no stages are asked for",
)
