"""Files of logged models are listed, and uploaded in parts, under paths of their own.

Why: ``keep_model_files_on_runs`` for the calls that carry no bytes through the server.
Lost: nothing.
Source: artifact locations of 3.17.2; ``mlflow-artifacts/mpu/*`` of 2.9.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE, own_path
from proxy.core.versions.model_runs import stored

_LIST = "ListProxiedArtifacts"


def _field(call: Call) -> str:
    return "path" if call.operation == _LIST else "artifact_path"


def _at_its_place(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    path = yield from stored(call.arguments.get(_field(call)), dialects)
    if isinstance(path, Response):  # a folder that is not there lists as an empty one
        return jsontext.answer({}) if path.status == 404 and call.operation == _LIST else path
    return (yield Call(call.operation, {**call.arguments, _field(call): path}) if path is not None else call)


CHANGE = VersionChange(
    name="list_model_files_on_runs",
    operations=frozenset({_LIST, "CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload"}),
    servers=(None, before(SINCE)),
    applies=lambda call, _: own_path(call.arguments.get(_field(call))) is not None,
    recipe=_at_its_place,
    emulates=True,
    when="the artifact is a file of a logged model",
)
