"""``experiments/get-by-name`` finds an experiment by its name.

Why: servers before 1.10 only list experiments, so the list is searched, deleted ones included, as the call does it.
Lost: nothing.
Source: observed on 1.0.0 and 1.10.0.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.json_sites import maps_in
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, jsontext, mlflow_errors
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _find(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    name = call.arguments.get("experiment_name")
    answer = yield Call("ListExperiments", {"view_type": "ALL"})
    if not answer.ok:
        return answer
    for experiment in maps_in((answers.success(answer) or {}).get("experiments")):
        if experiment.get("name") == name:
            return jsontext.answer({"experiment": experiment})
    return mlflow_errors.absent(f"Could not find experiment with name '{name}'")


CHANGE = VersionChange(
    name="find_experiment_by_name",
    operations=frozenset({"GetExperimentByName"}),
    servers=(None, before(Version(1, 10))),
    recipe=_find,
)
