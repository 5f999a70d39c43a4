"""A model version whose source lies among a run's artifacts must name that run.

Why: servers from 3.17 on answer 400 ("The run_id request parameter must identify the resource that contains the
source") when the source is an artifact behind the server and no run is given; clients up to 3.16 need not give one.
The run is taken from the source itself.
Lost: nothing of what was asked; the version additionally says which run it comes from.
Source: the source validation in ``mlflow/server/handlers.py`` of 3.17.0, which 3.16.0 does not have; observed on
3.17.2.
"""

from __future__ import annotations

import re

from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange

_RUN = re.compile(r"^(?:runs:/|mlflow-artifacts:/(?:[^/].*/)?\d+/)([0-9a-f]{32})(?:/|$)")


def _applies(call: Call, _: Dialects) -> bool:
    arguments = call.arguments
    return (
        not arguments.get("run_id") and not arguments.get("model_id") and _run_of(arguments.get("source")) is not None
    )


def _name(call: Call, _: Dialects) -> Call:
    return Call(call.operation, {**call.arguments, "run_id": _run_of(call.arguments["source"])})


def _run_of(source: object) -> str | None:
    found = _RUN.match(source) if isinstance(source, str) else None
    return found[1] if found is not None else None


CHANGE = VersionChange(
    name="name_source_run",
    operations=frozenset({"CreateModelVersion"}),
    servers=(Version(3, 17), None),
    applies=_applies,
    request=_name,
    when="the source lies among a run's artifacts and no run is named",
)
