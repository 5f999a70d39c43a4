"""Files of logged models that were kept on runs are listed by the same server after its upgrade.

Why: see ``find_model_files_of_before``. What was written after the upgrade lies under the model's own path, what was
written before among the files of its run; a listing puts both together.
Lost: nothing.
Source: observed on databases of 2.22.4 upgraded to 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.logged_models import SINCE, own_path
from proxy.core.versions.model_runs import stored


def _list(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    answer = yield call
    path = yield from stored(call.arguments.get("path"), dialects)
    if not isinstance(path, str) or not (answer.ok or answer.status == 404):
        return answer
    noted = yield Call(call.operation, {**call.arguments, "path": path})
    own, more = answers.success(answer) if answer.ok else {}, answers.success(noted)
    if own is None or more is None:
        return answer
    files = {file["path"]: file for content in (more, own) for file in answers.files(content)}
    return jsontext.answer({**own, "files": [files[name] for name in sorted(files)]})


CHANGE = VersionChange(
    name="list_model_files_of_before",
    operations=frozenset({"ListProxiedArtifacts"}),
    servers=(SINCE, None),
    reveals=True,
    applies=lambda call, _: own_path(call.arguments.get("path")) is not None,
    when="artifacts of a logged model are listed",
    recipe=_list,
    emulates=True,
)
