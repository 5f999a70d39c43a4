"""A model version may come from a logged model (``models:/m-…``).

Why: servers before 3.0 refuse such a source (500 on 2.22.4) or keep what no client can load. The version is made from
where the model's files are, which every client can load; ``show_model_of_versions`` gives clients back the
source they gave.
Lost: nothing.
Source: ``model-versions/create`` of 3.1.4 and 3.17.2 clients; observed on 1.30.1 and 2.22.4.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.json_sites import as_list
from proxy.core.messages import Response
from proxy.core.versions import jsontext, notes, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import (
    SINCE,
    VERSION_NOTE,
    is_model_id,
    model_id_in,
    stored_uri,
)
from proxy.core.versions.model_runs import find


def named_model(call: Call) -> str | None:
    """The logged model that a version is to be made from."""
    given = call.arguments.get("model_id")
    return given if isinstance(given, str) and is_model_id(given) else model_id_in(call.arguments.get("source"))


def register(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    """The recipe; an answer that says so where the model is not in a note."""
    asked = dict(call.arguments)
    model_id = asked.pop("model_id", None) or named_model(call)
    found = yield from find(str(model_id), dialects)
    if isinstance(found, Response):
        return found
    run, model = found
    note = jsontext.write({"model_id": model_id, "source": asked.get("source")}).decode()
    asked["tags"] = [*as_list(asked.get("tags")), *notes.write(VERSION_NOTE, note)]
    if model_id_in(asked.get("source")) is not None:
        asked["source"] = stored_uri(model, run)
    if not model.run_made_for_it:
        asked["run_id"] = asked.get("run_id") or runs.id_of(run)
    return (yield Call(call.operation, asked))


CHANGE = VersionChange(
    name="register_models_of_runs",
    operations=frozenset({"CreateModelVersion"}),
    servers=(None, before(SINCE)),
    applies=lambda call, _: named_model(call) is not None,
    recipe=register,
    emulates=True,
    when="the version comes from a logged model",
)
