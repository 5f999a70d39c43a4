"""``experiments/list`` is gone; ``experiments/search`` does its work.

Why: clients up to 1.30 list experiments. The search wants ``max_results``, which the list did not: without it a client
expects everything, so all pages are fetched.
Lost: nothing.
Source: observed on 2.0.1 to 3.17.2 with a 1.30.1 client.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.pages import follow

_PAGE_SIZE = 1000
_KEPT = ("view_type", "max_results", "page_token")


def _search(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    arguments = {name: call.arguments[name] for name in _KEPT if call.arguments.get(name) is not None}
    search = Call("SearchExperiments", {**arguments, "order_by": ["experiment_id ASC"]})
    if "max_results" in arguments:
        return (yield search)
    return (yield from follow(search, "experiments", _PAGE_SIZE))


CHANGE = VersionChange(
    name="list_experiments_by_search",
    operations=frozenset({"ListExperiments"}),
    servers=(Version(2, 0), None),
    recipe=_search,
)
