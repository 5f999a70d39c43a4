"""A model version may be made from another one (``models:/NAME/1``): that is how versions are copied.

Why: servers since 2.9 look up where the other version's files are; older ones keep the address as it is, and nobody
can load what it names. The version is made from where the files are, and a hidden note keeps what was asked for (see
``show_copied_source``).
Lost: nothing.
Source: ``create_model_version`` in ``sqlalchemy_store.py`` of 2.5.0 and 2.9.2; ``copy_model_version`` of 2.22.4 and
3.17.2 clients, observed on 1.30.1.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.json_sites import as_list
from proxy.core.lanes import copied_from
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, notes
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.v2_9.show_copied_source import NOTE

SINCE = Version(2, 9)


def _applies(call: Call, _: Dialects) -> bool:
    return copied_from(call.arguments.get("source")) is not None


def _resolve(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    asked = call.arguments
    original = copied_from(asked.get("source"))
    if original is None:
        return (yield call)
    name, version = original
    answer = yield Call("GetModelVersionDownloadUri", {"name": name, "version": version})
    location = (answers.success(answer) or {}).get("artifact_uri")
    if not location:
        return answer
    tags = [*as_list(asked.get("tags")), *notes.write(NOTE, asked["source"])]
    return (yield Call(call.operation, {**asked, "source": location, "tags": tags}, call.known_as))


CHANGE = VersionChange(
    name="resolve_copied_source",
    operations=frozenset({"CreateModelVersion"}),
    servers=(None, before(SINCE)),
    applies=_applies,
    recipe=_resolve,
    when="the source is another model version",
)
