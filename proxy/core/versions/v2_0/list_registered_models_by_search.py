"""``registered-models/list`` is gone; ``registered-models/search`` does its work.

Why: clients up to 1.30 list registered models. Prompts are left out, because no client of that age knows what they are.
Lost: nothing.
Source: observed on 2.0.1 to 3.17.2 with a 1.30.1 client.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.pages import follow
from proxy.core.versions.registry_searches import NO_PROMPTS

_PAGE_SIZE = 1000
"""The most that a server gives at once."""

_KEPT = ("max_results", "page_token")


def _search(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    arguments = {name: call.arguments[name] for name in _KEPT if call.arguments.get(name) is not None}
    search = Call("SearchRegisteredModels", {**arguments, "filter": NO_PROMPTS})
    if "max_results" in arguments:
        return (yield search)
    return (yield from follow(search, "registered_models", _PAGE_SIZE))


CHANGE = VersionChange(
    name="list_registered_models_by_search",
    operations=frozenset({"ListRegisteredModels"}),
    servers=(Version(2, 0), None),
    recipe=_search,
)
