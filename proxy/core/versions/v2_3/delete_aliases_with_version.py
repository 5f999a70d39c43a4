"""The aliases of a model version go with it.

Why: where aliases are kept in tags (by servers before 2.3, and by none after an
upgrade), the server drops the version and knows nothing of them. That
holds for versions that the server's own clients delete as well.
Lost: an alias that is set between our read and the delete; it then leads to a version that is not there (404).
Source: ``delete_model_version`` in the SQL stores of 2.5.0 and 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import aliases, answers
from proxy.core.versions.change import Call, Dialects, VersionChange


def _delete(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    """They are read before, and dropped once the version is gone."""
    name, version = call.arguments.get("name"), str(call.arguments.get("version"))
    found = yield Call("GetRegisteredModel", {"name": name})
    answer = yield call
    if not answer.ok:
        return answer
    for alias, aliased in aliases.of_model(answers.found(found, "registered_model")).items():
        if aliased == version:
            yield aliases.forget(str(name), alias)
    return answer


CHANGE = VersionChange(
    name="delete_aliases_with_version",
    operations=frozenset({"DeleteModelVersion"}),
    servers=(None, None),
    reveals=True,
    recipe=_delete,
    emulates=True,
    lost="an alias that is set just while its version is deleted",
)
