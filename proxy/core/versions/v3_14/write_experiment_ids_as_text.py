"""Experiment ids are strings, and nothing else.

Why: servers up to 3.10 take numbers for them as well (``"experiment_id": 0``), later ones answer 400.
Lost: nothing.
Source: observed on 3.10.1 and 3.14.0.
"""

from __future__ import annotations

from typing import Any

from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange

_SINCE = Version(3, 11)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _applies(call: Call, _: Dialects) -> bool:
    ids = call.arguments.get("experiment_ids")
    listed = ids if isinstance(ids, list) else []
    return any(map(_is_number, [call.arguments.get("experiment_id"), *listed]))


def _write(call: Call, _: Dialects) -> Call:
    arguments = dict(call.arguments)
    if _is_number(arguments.get("experiment_id")):
        arguments["experiment_id"] = str(arguments["experiment_id"])
    if isinstance(arguments.get("experiment_ids"), list):
        arguments["experiment_ids"] = [str(each) if _is_number(each) else each for each in arguments["experiment_ids"]]
    return Call(call.operation, arguments, call.known_as)


CHANGE = VersionChange(
    name="write_experiment_ids_as_text",
    operations=frozenset(
        {
            "CreateRun",
            "DeleteExperiment",
            "RestoreExperiment",
            "SearchRuns",
            "SetExperimentTag",
            "UpdateExperiment",
        }
    ),
    servers=(_SINCE, None),
    applies=_applies,
    request=_write,
    when="an experiment id is a number",
)
