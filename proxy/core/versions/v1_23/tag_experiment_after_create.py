"""``experiments/create`` takes ``tags``.

Why: servers up to 1.20 ignore them, and the experiment would have none. They are set one by one afterwards.
Lost: that both happen at once. If a tag fails, its error is the answer, and the experiment is there.
Source: observed on 1.20.2 and 1.23.1.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, notes
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _applies(call: Call, _: Dialects) -> bool:
    return bool(notes.as_map(call.arguments.get("tags")))


def _tag(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    tags = notes.as_map(call.arguments["tags"])
    rest = {name: value for name, value in call.arguments.items() if name != "tags"}
    created = yield Call(call.operation, rest, call.known_as)
    content = answers.success(created)
    if content is None:
        return created
    for key, value in tags.items():
        tag = {"experiment_id": content.get("experiment_id"), "key": key, "value": value}
        answer = yield Call("SetExperimentTag", tag)
        if not answer.ok:
            return answer
    return created


CHANGE = VersionChange(
    name="tag_experiment_after_create",
    operations=frozenset({"CreateExperiment"}),
    servers=(None, before(Version(1, 23))),
    applies=_applies,
    recipe=_tag,
    when="the experiment is given tags",
    lost="that an experiment and its tags are made at once",
)
