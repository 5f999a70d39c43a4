"""Registered models and model versions are shown with their aliases.

Why: on servers before 2.3 they are kept in tags (see ``aliases``). A model carries its own; for a version that is
marked, the model is read as well. An upgraded
server still has them there. Searches of versions are left out: MLflow's own answers name no aliases there.
Lost: nothing; clients before 2.3 know no aliases and see none.
Source: answers of 2.5.0, 2.22.4 and 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import aliases, jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange

_SINCE = Version(2, 3)


def _show(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    answer = yield call
    content = jsontext.read_answer(answer)
    if not answer.ok or content is None:
        return answer
    changed = [aliases.show_on_model(model) for model in _each(content, "registered_model")]
    versions = [version for version in _each(content, "model_version") if aliases.marked(version)]
    known: dict[str, dict[str, str]] = {}
    for name in dict.fromkeys(version["name"] for version in versions):
        found = yield Call("GetRegisteredModel", {"name": name})
        model = jsontext.read_answer(found) if found.ok else None
        known[name] = aliases.of_model(model.get("registered_model")) if model is not None else {}
    changed += [aliases.show_on_version(version, known[version["name"]]) for version in versions]
    return jsontext.with_body(answer, content) if any(changed) else answer


def _each(content: dict[str, Any], field: str) -> list[Any]:
    """What stands under ``registered_model`` and ``registered_models`` and the like."""
    listed = content.get(f"{field}s")
    return [content.get(field), *(listed if isinstance(listed, list) else ())]


CHANGE = VersionChange(
    name="show_aliases",
    operations=frozenset({"GetRegisteredModel", "SearchRegisteredModels", "GetModelVersion", "GetLatestVersions"}),
    servers=(None, None),
    clients=(_SINCE, None),
    every_client=True,
    reveals=True,
    recipe=_show,
    emulates=True,
)
