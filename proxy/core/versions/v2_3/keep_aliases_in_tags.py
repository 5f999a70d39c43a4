"""Versions of a registered model have aliases: ``models:/name@champion``.

Why: servers before 2.3 have none. They are kept in hidden tags of the registered model (see ``aliases``) and answered
as MLflow does: an alias goes with its version, a missing one is 400, and 'latest' and 'v3' are reserved.
Lost: an alias longer than 220 characters is refused. Clients before 2.3 do not know aliases and see none.
Source: the model registry's SQL store of 2.5.0 and 3.17.2; observed on both and, emulated, on 1.20.2, 1.30.1, 2.0.1.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import aliases, jsontext, mlflow_errors, notes
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_SINCE = Version(2, 3)
_SERVERS = (None, before(_SINCE))


def _set(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    if problem := aliases.problem(given.get("alias")):
        return mlflow_errors.invalid(problem)
    number = str(given.get("version", ""))
    version = {"name": given.get("name"), "version": number}
    found = yield Call("GetModelVersion", version)
    content = jsontext.read_answer(found)
    if not found.ok or content is None:
        return found
    if not aliases.marked(content.get("model_version")):
        for tag in notes.write(aliases.ON_VERSION, "yes"):
            answer = yield Call("SetModelVersionTag", {**version, **tag})
            if not answer.ok:
                return answer
    for tag in notes.write(aliases.ON_MODEL + given["alias"], number):
        answer = yield Call("SetRegisteredModelTag", {"name": given["name"], **tag})
        if not answer.ok:
            return answer
    return jsontext.answer({})


def _delete(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    if problem := aliases.problem(given.get("alias")):
        return mlflow_errors.invalid(problem)
    found = yield Call("GetRegisteredModel", {"name": given.get("name")})
    content = jsontext.read_answer(found)
    if not found.ok or content is None:
        return found
    if given["alias"] not in aliases.of_model(content.get("registered_model")):
        return jsontext.answer({})
    return (yield _forget(given["name"], given["alias"]))


def _resolve(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    alias = given.get("alias")
    if problem := aliases.problem(alias):
        return mlflow_errors.invalid(problem)
    found = yield Call("GetRegisteredModel", {"name": given.get("name")})
    content = jsontext.read_answer(found)
    if content is None or (not found.ok and found.status != 404):
        return found
    version = aliases.of_model(content.get("registered_model")).get(str(alias))
    if version is None:  # MLflow does not tell a missing model from a missing alias
        return mlflow_errors.invalid(f"Registered model alias {alias} not found.")
    return (yield Call("GetModelVersion", {"name": given["name"], "version": version}))


def _delete_version(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    """The aliases of a version go with it; they are read before, and dropped once it is gone."""
    name, version = call.arguments.get("name"), str(call.arguments.get("version"))
    found = yield Call("GetRegisteredModel", {"name": name})
    content = jsontext.read_answer(found) if found.ok else None
    answer = yield call
    if not answer.ok or content is None:
        return answer
    for alias, aliased in aliases.of_model(content.get("registered_model")).items():
        if aliased == version:
            yield _forget(str(name), alias)
    return answer


def _forget(name: str, alias: str) -> Call:
    """The call that drops an alias; its note is short, so it is a single tag."""
    key = notes.write(aliases.ON_MODEL + alias, "")[0]["key"]
    return Call("DeleteRegisteredModelTag", {"name": name, "key": key})


def _show_on_models(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer)
    if content is None:
        return answer
    listed = content.get("registered_models")
    changed = [_show(each) for each in (content.get("registered_model"), *(listed if isinstance(listed, list) else ()))]
    return jsontext.with_body(answer, content) if any(changed) else answer


def _show(model: Any) -> bool:
    found = aliases.of_model(model)
    if found:
        model["aliases"] = [{"alias": alias, "version": version} for alias, version in found.items()]
    return bool(found)


def _show_on_versions(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    """Aliases stand on the model, so the models of marked versions are read as well.

    (Searches of versions are left out: MLflow's own answer to them names no aliases either.)
    """
    answer = yield call
    content = jsontext.read_answer(answer)
    if not answer.ok or content is None:
        return answer
    listed = content.get("model_versions")
    versions = [content.get("model_version"), *(listed if isinstance(listed, list) else ())]
    concerned = [version for version in versions if aliases.marked(version)]
    known: dict[str, dict[str, str]] = {}
    for name in dict.fromkeys(version["name"] for version in concerned):
        found = yield Call("GetRegisteredModel", {"name": name})
        model = jsontext.read_answer(found) if found.ok else None
        known[name] = aliases.of_model(model.get("registered_model")) if model is not None else {}
    changed = False
    for version in concerned:
        number = str(version.get("version"))
        version["aliases"] = [alias for alias, aliased in known[version["name"]].items() if aliased == number]
        changed |= bool(version["aliases"])
    return jsontext.with_body(answer, content) if changed else answer


def _has_notes(_: Call, dialects: Dialects) -> bool:
    return dialects.emulated


SET = VersionChange(
    name="keep_aliases_in_tags",
    operations=frozenset({"SetRegisteredModelAlias"}),
    servers=_SERVERS,
    recipe=_set,
    emulates=True,
    lost="aliases longer than 220 characters",
)
DELETE = VersionChange(
    name="delete_aliases_in_tags",
    operations=frozenset({"DeleteRegisteredModelAlias"}),
    servers=_SERVERS,
    recipe=_delete,
    emulates=True,
)
RESOLVE = VersionChange(
    name="resolve_aliases_in_tags",
    operations=frozenset({"GetModelVersionByAlias"}),
    servers=_SERVERS,
    recipe=_resolve,
    emulates=True,
)
DELETE_VERSION = VersionChange(
    name="delete_aliases_with_version",
    operations=frozenset({"DeleteModelVersion"}),
    servers=_SERVERS,
    every_client=True,
    applies=_has_notes,
    recipe=_delete_version,
    emulates=True,
)
SHOW_ON_MODELS = VersionChange(
    name="show_aliases_of_models",
    operations=frozenset({"GetRegisteredModel", "SearchRegisteredModels"}),
    servers=_SERVERS,
    clients=(_SINCE, None),
    applies=_has_notes,
    looks_inside=False,
    response=_show_on_models,
    emulates=True,
)
SHOW_ON_VERSIONS = VersionChange(
    name="show_aliases_of_versions",
    operations=frozenset({"GetModelVersion", "GetLatestVersions"}),
    servers=_SERVERS,
    clients=(_SINCE, None),
    applies=_has_notes,
    recipe=_show_on_versions,
    emulates=True,
)
CHANGES = (SET, DELETE, RESOLVE, DELETE_VERSION, SHOW_ON_MODELS, SHOW_ON_VERSIONS)
"""In the order in which a call meets them: what resolves an alias reads versions with their aliases on them."""
