"""Versions of a registered model have aliases: ``models:/name@champion``.

Why: servers before 2.3 have none. They are kept in hidden tags of the registered model (see ``aliases``). A missing
alias is 400, and 'latest' and 'v3' are reserved, as MLflow has it.
Lost: an alias longer than 220 characters is refused.
Source: the model registry's SQL store of 2.5.0 and 3.17.2; observed on both and, emulated, on 1.20.2 to 2.0.1.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import aliases, answers, jsontext, mlflow_errors, notes
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.reach import no_such_page


def _keep(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    if problem := aliases.problem(call.arguments.get("alias")):
        return mlflow_errors.invalid(problem)
    return (yield from _RECIPES[call.operation](call, dialects))


def _set(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    number = str(given.get("version", ""))
    version = {"name": given.get("name"), "version": number}
    found = yield Call("GetModelVersion", version)
    if not found.ok:
        return found
    if not aliases.marked(answers.found(found, "model_version")):
        for tag in notes.write(aliases.ON_VERSION, "yes"):
            answer = yield Call("SetModelVersionTag", {**version, **tag})
            if not answer.ok:
                return answer
    for tag in notes.write(aliases.ON_MODEL + given["alias"], number):
        answer = yield Call("SetRegisteredModelTag", {"name": given.get("name"), **tag})
        if not answer.ok:
            return answer
    return jsontext.answer({})


def _delete(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    found = yield Call("GetRegisteredModel", {"name": given.get("name")})
    if not found.ok:
        return found
    if given["alias"] not in aliases.of_model(answers.found(found, "registered_model")):
        return jsontext.answer({})
    return (yield aliases.forget(str(given.get("name")), given["alias"]))


def resolve(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    """The version that a noted alias leads to."""
    given = call.arguments
    alias = given.get("alias")
    found = yield Call("GetRegisteredModel", {"name": given.get("name")})
    if not found.ok and (found.status != 404 or no_such_page(found)):
        return found
    known = aliases.of_model(answers.found(found, "registered_model"))
    if alias not in known:  # MLflow does not tell a missing model from a missing alias
        return mlflow_errors.invalid(f"Registered model alias {alias} not found.")
    answer = yield Call("GetModelVersion", {"name": given.get("name"), "version": known[alias]})
    version = answers.found(answer, "model_version")
    if version is None:
        return answer
    aliases.show_on_version(version, known)
    return jsontext.with_body(answer, {"model_version": version})


_RECIPES = {
    "SetRegisteredModelAlias": _set,
    "DeleteRegisteredModelAlias": _delete,
    "GetModelVersionByAlias": resolve,
}

CHANGE = VersionChange(
    name="keep_aliases_in_tags",
    operations=frozenset(_RECIPES),
    servers=(None, before(Version(2, 3))),
    recipe=_keep,
    emulates=True,
    lost="aliases longer than 220 characters",
)
