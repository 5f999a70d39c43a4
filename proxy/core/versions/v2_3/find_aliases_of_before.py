"""Aliases that were kept in tags are good on the same server after its upgrade.

Why: on servers before 2.3 they are notes on the registered model (``keep_aliases_in_tags``). The upgraded server knows
none of them, so one that it does not have is looked for in the notes. Setting or deleting an alias is the server's
affair, and its note goes.
Lost: nothing.
Source: observed on databases of 1.30.1 upgraded to 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import aliases, answers
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.v2_3.keep_aliases_in_tags import resolve

_RESOLVE = "GetModelVersionByAlias"


def _find(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    answer = yield call
    alias = call.arguments.get("alias")
    if not isinstance(alias, str):  # whatever the server makes of it
        return answer
    if call.operation == _RESOLVE:
        if answer.status not in {400, 404}:
            return answer
        noted = yield from resolve(call, dialects)
        return noted if noted.ok else answer
    name = str(call.arguments.get("name"))
    found = (yield Call("GetRegisteredModel", {"name": name})) if answer.ok else answer
    if str(alias) in aliases.of_model(answers.found(found, "registered_model")):
        forgotten = yield aliases.forget(name, str(alias))
        return answer if forgotten.ok else forgotten
    return answer


CHANGE = VersionChange(
    name="find_aliases_of_before",
    operations=frozenset({"SetRegisteredModelAlias", "DeleteRegisteredModelAlias", _RESOLVE}),
    servers=(Version(2, 3), None),
    reveals=True,
    recipe=_find,
    emulates=True,
)
