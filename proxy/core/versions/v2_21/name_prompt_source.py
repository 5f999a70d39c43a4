"""Prompts are model versions with a placeholder for a source ("dummy-source").

Why: servers of 1.30 and of 2.5 to 2.20 take that for a local path and refuse it. It is sent as the address
``mlflow-prompt:/dummy-source``, which every server takes for a store of its own kind, and shown as it was given. A
hidden tag beside it makes the server known as one that holds prompts (see ``hide_prompts``).
Lost: nothing. Clients before 2.21, which know no prompts, see the address.
Source: ``_PROMPT_SOURCE_PLACEHOLDERS`` of 3.17.2, ``dummy-source`` of 2.22.4; observed on 1.30.1 and 2.5.0.
"""

from __future__ import annotations

from typing import Any

from proxy.core.json_sites import as_list
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, model_versions, notes, prompts
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_SINCE = Version(2, 21)
_SCHEME = "mlflow-prompt:/"
_PLACEHOLDERS = frozenset({"dummy-source", "prompt-template"})


def _name(call: Call, _: Dialects) -> Call:
    source = call.arguments.get("source")
    if call.operation != "CreateModelVersion" or not (isinstance(source, str) and source in _PLACEHOLDERS):
        return call
    tags = as_list(call.arguments.get("tags"))
    if notes.as_map(tags).get(prompts.TAG, "").lower() != "true":
        return call
    named = {"source": f"{_SCHEME}{source}", "tags": [*tags, *notes.write("prompt", "yes")]}
    return Call(call.operation, {**call.arguments, **named})


def _restore(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer) if _SCHEME.encode() in answer.body else None
    if content is None:
        return answer
    _restore_in(content)
    return jsontext.with_body(answer, content)


def _restore_in(document: Any) -> None:
    if isinstance(document, list):
        for each in document:
            _restore_in(each)
    elif isinstance(document, dict):
        for field, value in document.items():
            if field in {"source", "artifact_uri"} and isinstance(value, str):
                document[field] = value.removeprefix(_SCHEME)
            else:
                _restore_in(value)


CHANGE = VersionChange(
    name="name_prompt_source",
    operations=model_versions.SHOWN_BY | {"GetModelVersionDownloadUri"},
    servers=(None, before(_SINCE)),
    clients=(_SINCE, None),
    request=_name,
    response=_restore,
)
