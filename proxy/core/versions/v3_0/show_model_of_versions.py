"""Model versions are shown with the logged model that they were made from.

Why: ``register_models_of_runs`` gives servers before 3.0 an artifact URI instead of ``models:/m-…``, and notes what was
asked for; clients from 3.0 on get that back, wherever a version stands in an answer,
also when the server was upgraded since.
Lost: nothing.
Source: answers of ``model-versions/*`` and ``registered-models/*`` of 3.17.2.
"""

from __future__ import annotations

from typing import Any

from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, model_versions, notes
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.logged_models import SINCE, VERSION_NOTE

_KEY = notes.write(VERSION_NOTE, "")[0]["key"].encode()


def _show(answer: Response, _call: Call, _: Dialects) -> Response:
    if _KEY not in answer.body:
        return answer
    content = jsontext.read_answer(answer)
    return jsontext.with_body(answer, content) if content is not None and _shown(content) else answer


def _shown(value: Any) -> bool:
    """Whether there were such versions in the document, which is changed in place."""
    if isinstance(value, list):
        return bool(sum(map(_shown, value)))
    if not isinstance(value, dict):
        return False
    changed = bool(sum(map(_shown, value.values())))
    note = notes.read(answers.tags_of(value), VERSION_NOTE) if "source" in value else None
    kept = {name: each for name, each in jsontext.parsed(note).items() if name in {"source", "model_id"} and each}
    value.update(kept)
    return changed or bool(kept)


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
