"""Registered models and model versions are shown with their aliases.

Why: on servers before 2.3 they are kept in tags (see ``aliases``). A model carries its own; for a version that is
marked, the model is read as well. An upgraded
server still has them there. Searches of versions are left out: MLflow's own answers name no aliases there.
Lost: nothing; clients before 2.3 know no aliases and see none.
Source: answers of 2.5.0, 2.22.4 and 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import aliases, answers, jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange

_SINCE = Version(2, 3)


def _show(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    answer = yield call
    content = answers.success(answer)
    if content is None:
        return answer
    changed = [aliases.show_on_model(model) for model in answers.each(content, "registered_model")]
    versions = [version for version in answers.each(content, "model_version") if aliases.marked(version)]
    known: dict[str, dict[str, str]] = {}
    for name in dict.fromkeys(str(version.get("name")) for version in versions):
        found = yield Call("GetRegisteredModel", {"name": name})
        known[name] = aliases.of_model(answers.found(found, "registered_model"))
    changed += [aliases.show_on_version(version, known[str(version.get("name"))]) for version in versions]
    return jsontext.with_body(answer, content) if any(changed) else answer


CHANGE = VersionChange(
    name="show_aliases",
    operations=frozenset({"GetRegisteredModel", "SearchRegisteredModels", "GetModelVersion", "GetLatestVersions"}),
    servers=(None, None),
    clients=(_SINCE, None),
    reveals=True,
    recipe=_show,
    emulates=True,
)
