"""``registered-models/list`` is gone; ``registered-models/search`` without a filter does its work.

Why: clients up to 1.30 list registered models. Prompts, which servers hide from a search only since 2.22, are taken
out, because no client of that age knows what they are.
Lost: nothing.
Source: observed on 2.0.1 to 3.17.2 with a 1.30.1 client.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.pages import follow
from proxy.core.versions.prompts import is_prompt

_PAGE_SIZE = 1000
"""The most that a server gives at once."""

_KEPT = ("max_results", "page_token")


def _search(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    arguments = {name: call.arguments[name] for name in _KEPT if call.arguments.get(name) is not None}
    search = Call("SearchRegisteredModels", arguments)
    if "max_results" in arguments:
        answer = yield search
    else:
        answer = yield from follow(search, "registered_models", _PAGE_SIZE)
    content = jsontext.read_answer(answer)
    found = content.get("registered_models") if answer.ok and content is not None else None
    if content is None or not isinstance(found, list) or not any(map(is_prompt, found)):
        return answer
    return jsontext.with_body(answer, {**content, "registered_models": [x for x in found if not is_prompt(x)]})


CHANGE = VersionChange(
    name="list_registered_models_by_search",
    operations=frozenset({"ListRegisteredModels"}),
    servers=(Version(2, 0), None),
    recipe=_search,
)
