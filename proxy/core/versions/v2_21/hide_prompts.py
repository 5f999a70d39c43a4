"""Prompts are no models: searches of the registry do not show them to who does not ask for them.

Why: servers before 2.21 take a prompt that a newer client registered for a model, and would list it to older clients,
those of their own version included.
Lost: pages may hold fewer entries than asked for; their tokens stay valid.
Source: observed on 2.22.4 and 3.17.2, which leave prompts out of searches without a filter.
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, prompts
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_SINCE = Version(2, 21)


def _hide(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer) if prompts.TAG.encode() in answer.body else None
    if content is None:
        return answer
    kept = {
        field: [each for each in found if not prompts.is_prompt(each)]
        for field in ("registered_models", "model_versions")
        if isinstance(found := content.get(field), list)
    }
    return jsontext.with_body(answer, {**content, **kept})


CHANGE = VersionChange(
    name="hide_prompts",
    operations=frozenset({"SearchRegisteredModels", "ListRegisteredModels", "SearchModelVersions"}),
    servers=(None, before(_SINCE)),
    clients=(None, before(_SINCE)),
    reveals=True,
    looks_inside=False,
    response=_hide,
    lost="pages can be shorter than asked for",
)
