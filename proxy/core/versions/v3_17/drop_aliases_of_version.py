"""Deleting a model version drops its aliases.

Why: servers of 2.3 to 3.16 mean to, but compare a number with a text and keep them, so that an alias leads to a
version that is gone. They are dropped by calls of their own once the version is deleted.
Lost: nothing.
Source: ``delete_model_version`` in the SQL stores; observed on 2.22.4 (kept) and 3.17.2 (dropped).
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _delete(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    name, version = call.arguments.get("name"), str(call.arguments.get("version"))
    found = yield Call("GetModelVersion", {"name": name, "version": version})
    content = jsontext.read_answer(found) if found.ok else None
    answer = yield call
    about = content.get("model_version") if answer.ok and content is not None else None
    for alias in (about.get("aliases") or ()) if isinstance(about, dict) else ():
        yield Call("DeleteRegisteredModelAlias", {"name": name, "alias": alias})
    return answer


CHANGE = VersionChange(
    name="drop_aliases_of_version",
    operations=frozenset({"DeleteModelVersion"}),
    servers=(Version(2, 3), before(Version(3, 17))),
    clients=(Version(3, 17), None),
    recipe=_delete,
)
