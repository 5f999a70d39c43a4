"""Deleting a model version drops its aliases.

Why: servers of 2.3 to 3.16 mean to, but compare a number with a text and keep them, so that an alias leads to a
version that is gone. They are dropped by calls of their own once the version is deleted.
Lost: nothing.
Source: ``delete_model_version`` in the SQL stores; observed on 2.22.4 (kept) and 3.17.2 (dropped).
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.json_sites import as_list
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _delete(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    name, version = call.arguments.get("name"), str(call.arguments.get("version"))
    found = yield Call("GetModelVersion", {"name": name, "version": version})
    answer = yield call
    if not answer.ok:
        return answer
    for alias in as_list((answers.found(found, "model_version") or {}).get("aliases")):
        yield Call("DeleteRegisteredModelAlias", {"name": name, "alias": alias})
    return answer


CHANGE = VersionChange(
    name="drop_aliases_of_version",
    operations=frozenset({"DeleteModelVersion"}),
    servers=(Version(2, 3), before(Version(3, 17))),
    clients=(Version(3, 17), None),
    recipe=_delete,
)
