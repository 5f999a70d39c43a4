"""Runs are created with a ``run_name``; before, a name was only ever the tag ``mlflow.runName``.

Why: servers up to 1.28 ignore the field, and a run created by a newer client would have no name.
Lost: nothing. A run created without any name stays nameless, where newer servers would draw a random one.
Source: observed on 1.28.0 and 1.30.1.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions import run_names
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _applies(call: Call, _: Dialects) -> bool:
    return bool(call.arguments.get("run_name"))


def _carry(call: Call, _: Dialects) -> Call:
    arguments = {name: value for name, value in call.arguments.items() if name != "run_name"}
    tags = arguments.get("tags") or []
    if isinstance(tags, list) and run_names.in_tags(tags) is None:
        arguments["tags"] = [*tags, {"key": run_names.TAG, "value": call.arguments["run_name"]}]
    return Call(call.operation, arguments)


CHANGE = VersionChange(
    name="carry_run_name_in_tag",
    operations=frozenset({"CreateRun"}),
    servers=(None, before(Version(1, 29))),
    applies=_applies,
    request=_carry,
    when="the run is given a name",
)
