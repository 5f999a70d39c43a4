"""Model versions are shown with the logged model that they were made from.

Why: ``register_models_of_runs`` gives servers before 3.0 an artifact URI instead of ``models:/m-…``, and notes what was
asked for; clients from 3.0 on get that back, wherever a version stands in an answer,
also when the server was upgraded since.
Lost: nothing.
Source: answers of ``model-versions/*`` and ``registered-models/*`` of 3.17.2.
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.versions import jsontext, model_versions, notes
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.logged_models import SINCE, VERSION_NOTE

_KEY = notes.write(VERSION_NOTE, "")[0]["key"].encode()


def _show(answer: Response, _call: Call, _: Dialects) -> Response:
    content = jsontext.read_answer(answer) if _KEY in answer.body else None
    changed = False
    for version, text in model_versions.noted(content, VERSION_NOTE):
        asked = jsontext.parsed(text)
        kept = {name: asked[name] for name in ("source", "model_id") if asked.get(name)}
        version.update(kept)
        changed = changed or bool(kept)
    return jsontext.with_body(answer, content) if changed else answer


CHANGE = VersionChange(
    name="show_model_of_versions",
    operations=model_versions.SHOWN_BY,
    servers=(None, None),
    clients=(SINCE, None),
    reveals=True,
    looks_inside=False,
    response=_show,
    emulates=True,
)
