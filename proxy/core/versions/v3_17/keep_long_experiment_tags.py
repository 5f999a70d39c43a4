"""Tags of experiments of 20 000 characters.

Why: servers before 3.17 refuse more than 5000. The whole text is kept in hidden tags of the experiment.
Lost: the server's own pages show the beginning only. A tag and its rest are written one after the other, the rest
first.
Source: ``validation.py`` of 3.10.1 and 3.17.2; observed on 1.30.1 and 2.22.4.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import long_values
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.long_values import EXPERIMENT_TAG

_SINCE = Version(3, 17)


def _applies(call: Call, dialects: Dialects) -> bool:
    given = call.arguments
    if call.operation == "SetExperimentTag":
        return long_values.fit(given.get("value"), EXPERIMENT_TAG, dialects)[0] is not given.get("value")
    return long_values.fit_all(given.get("tags"), EXPERIMENT_TAG, dialects)[0] is not given.get("tags")


def _keep(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    if call.operation == "CreateExperiment":
        tags, kept = long_values.fit_all(given["tags"], EXPERIMENT_TAG, dialects)
        return (yield Call(call.operation, {**given, "tags": [*tags, *kept]}, call.known_as))
    value, kept = long_values.fit(given["value"], EXPERIMENT_TAG, dialects)
    for tag in kept:
        answer = yield Call(call.operation, {**given, **tag})
        if not answer.ok:
            return answer
    return (yield Call(call.operation, {**given, "value": value}))


CHANGE = VersionChange(
    name="keep_long_experiment_tags",
    operations=frozenset({"CreateExperiment", "SetExperimentTag"}),
    servers=(None, before(_SINCE)),
    clients=(_SINCE, None),
    applies=_applies,
    recipe=_keep,
    emulates=True,
    lost="in the server's own pages, what is longer than it takes",
)
