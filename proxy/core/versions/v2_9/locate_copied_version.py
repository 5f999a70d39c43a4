"""A model version may be a copy of another one (``models:/NAME/3`` for a source).

Why: servers before 2.9 keep that for the place of the files, which clients then look for in vain; newer ones remember
where the original has its files. The copy is made from there.
Lost: which version it was copied from; the copy's source shows where the files are.
Source: ``storage_location`` of 2.9.2; ``copy_model_version`` of clients; observed on 1.30.1.
"""

from __future__ import annotations

import re
from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_VERSION = re.compile(r"models:/+(.+)/(\d+)")


def _original(call: Call) -> re.Match[str] | None:
    source = call.arguments.get("source")
    return _VERSION.fullmatch(source) if isinstance(source, str) else None


def _copy(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    original = _original(call)
    if original is None:
        return (yield call)
    answer = yield Call("GetModelVersionDownloadUri", {"name": original[1], "version": original[2]})
    found = jsontext.read_answer(answer)
    if answer.status != 200 or found is None:
        return answer
    return (yield Call(call.operation, {**call.arguments, "source": found.get("artifact_uri")}))


CHANGE = VersionChange(
    name="locate_copied_version",
    operations=frozenset({"CreateModelVersion"}),
    servers=(None, before(Version(2, 9))),
    applies=lambda call, _: _original(call) is not None,
    recipe=_copy,
    lost="which version a copied version was made from",
)
