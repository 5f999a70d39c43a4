"""Tags of experiments can be deleted.

Why: servers before 3.3 can only set them. A deleted tag is set to a tombstone, a value that no client is shown.
Setting the tag again brings it back.
Lost: the tag's row stays in the server's database, and a client that bypasses us sees the tombstone.
Source: ``delete_experiment_tag`` of 3.17.2; observed on 3.3.2 and, emulated, on 1.20.2 to 2.22.4.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, mlflow_errors
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.experiment_tags import TOMBSTONE


def _bury(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    experiment, key = call.arguments.get("experiment_id"), call.arguments.get("key")
    found = yield Call("GetExperiment", {"experiment_id": experiment})
    about = answers.found(found, "experiment")
    if about is None:
        return found
    if about.get("lifecycle_stage") == "deleted":
        return mlflow_errors.invalid(
            f"The experiment {experiment} must be in the 'active' state. Current state is deleted."
        )
    if answers.tags_of(about).get(str(key), TOMBSTONE) == TOMBSTONE:
        return mlflow_errors.absent(f"No tag with name: {key} in experiment with id {experiment}")
    return (yield Call("SetExperimentTag", {"experiment_id": experiment, "key": key, "value": TOMBSTONE}))


CHANGE = VersionChange(
    name="bury_experiment_tags",
    operations=frozenset({"DeleteExperimentTag"}),
    servers=(None, before(Version(3, 3))),
    recipe=_bury,
    emulates=True,
    lost="the tag's row stays in the server's database",
)
