"""``runs/update`` takes a ``run_name``; before, renaming a run meant setting the tag ``mlflow.runName``.

Why: servers up to 1.28 ignore the field. The tag is set first, then the rest of the update is done. An update of the
name alone must not reach such a server at all, because it would reset the status (see ``keep_unset_run_fields``); the
run is read instead, to have something to answer.
Lost: that both happen at once. Repeating the call after a failure in between is safe.
Source: observed on 1.28.0 and 1.30.1.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, run_names
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _applies(call: Call, _: Dialects) -> bool:
    return bool(call.arguments.get("run_name"))


def _rename(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    arguments = dict(call.arguments)
    name = arguments.pop("run_name")
    run: dict[str, Any] = {field: arguments[field] for field in ("run_id", "run_uuid") if field in arguments}
    answer = yield Call("SetTag", {**run, "key": run_names.TAG, "value": name})
    if not answer.ok:
        return answer
    if arguments.keys() == run.keys():
        answer = yield Call("GetRun", run)
    else:
        answer = yield Call("UpdateRun", arguments)
    content = jsontext.read_answer(answer)
    if not answer.ok or content is None:
        return answer
    info = _info(content)
    return jsontext.with_body(answer, {"run_info": {**info, "run_name": name}})


def _info(content: dict[str, Any]) -> dict[str, Any]:
    """``run_info`` of an update's answer or ``run.info`` of a read run."""
    run = content.get("run")
    found = run.get("info") if isinstance(run, dict) else content.get("run_info")
    return found if isinstance(found, dict) else {}


CHANGE = VersionChange(
    name="rename_run_by_tag",
    operations=frozenset({"UpdateRun"}),
    servers=(None, before(Version(1, 29))),
    applies=_applies,
    recipe=_rename,
    lost="renaming and the rest of an update are two steps",
    when="the run is renamed",
)
