"""``runs/update`` takes a ``run_name``; before, renaming a run meant setting the tag ``mlflow.runName``.

Why: servers up to 1.28 ignore the field. The tag is set first, then the rest of the update is done. An update of the
name alone must not reach such a server at all, because it would reset the status (see ``keep_unset_run_fields``); the
run is read instead, to have something to answer.
Lost: that both happen at once. Repeating the call after a failure in between is safe.
Source: observed on 1.28.0 and 1.30.1.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.json_sites import as_map
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, jsontext, run_names, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _applies(call: Call, _: Dialects) -> bool:
    return bool(call.arguments.get("run_name"))


def _rename(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    arguments = dict(call.arguments)
    name = arguments.pop("run_name")
    run = runs.naming(arguments)
    answer = yield Call("SetTag", {**run, "key": run_names.TAG, "value": name})
    if not answer.ok:
        return answer
    if arguments.keys() == run.keys():
        answer = yield Call("GetRun", run)
    else:
        answer = yield Call("UpdateRun", arguments)
    content = answers.success(answer)
    if content is None:
        return answer
    info = as_map(content.get("run_info")) or runs.info_of(as_map(content.get("run")))
    return jsontext.with_body(answer, {"run_info": {**info, "run_name": name}})


CHANGE = VersionChange(
    name="rename_run_by_tag",
    operations=frozenset({"UpdateRun"}),
    servers=(None, before(Version(1, 29))),
    applies=_applies,
    recipe=_rename,
    lost="renaming and the rest of an update are two steps",
    when="the run is renamed",
)
