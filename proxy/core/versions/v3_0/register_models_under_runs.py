"""A model version made from ``runs:/R/NAME`` may come from a logged model.

Why: clients before 3.0 register the path among the run's artifacts. When a 3.x client logged the model, a 3.x server
has nothing there, and clients of its own version could not load such a version. It is made from the logged model
instead, which clients of every version can load.
Lost: of several models of one name in a run, all but the newest.
Source: observed with 1.30.1 and 2.22.4 clients on 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import answers
from proxy.core.versions.artifact_uris import path_in
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE, run_path
from proxy.core.versions.models_under_runs import LOST, models_under


def _register(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    path = path_in(call.arguments.get("source"))
    under = run_path(path)
    if under is None or not under[2]:
        return (yield call)
    listed = answers.files(answers.success((yield Call("ListProxiedArtifacts", {"path": path}))))
    name, slash, _rest = under[2].partition("/")
    models = [] if listed or slash else (yield from models_under(under[0], under[1], name))
    model_id = models[0].get("model_id") if models else None
    if not isinstance(model_id, str):
        return (yield call)
    return (yield Call(call.operation, {**call.arguments, "source": f"models:/{model_id}", "model_id": model_id}))


CHANGE = VersionChange(
    name="register_models_under_runs",
    operations=frozenset({"CreateModelVersion"}),
    servers=(SINCE, None),
    clients=(None, before(SINCE)),
    applies=lambda call, _: run_path(path_in(call.arguments.get("source"))) is not None,
    recipe=_register,
    lost=LOST,
    when="the source lies among a run's artifacts",
)
