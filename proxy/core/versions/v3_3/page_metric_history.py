"""``metrics/get-history`` without ``max_results`` answers an empty list and a page token.

Why: servers of 3.3 to 3.13 do; clients up to 2.0 never send ``max_results`` and would see empty histories. All pages
are fetched for them. (3.1 and 3.2 were not studied; servers that know no paging answer the whole history to the first
request, so including them costs nothing.)
Lost: nothing.
Source: observed on 3.3.2, 3.6.0 and 3.10.1; 3.14.0 answers the whole list again.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.pages import follow

_PAGE_SIZE = 25_000
"""What MLflow's own clients ask for; more is refused."""


def _applies(call: Call, _: Dialects) -> bool:
    return not call.arguments.get("max_results")


def _page(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    return (yield from follow(call, "metrics", _PAGE_SIZE))


CHANGE = VersionChange(
    name="page_metric_history",
    operations=frozenset({"GetMetricHistory"}),
    servers=(Version(3, 1), before(Version(3, 14))),
    applies=_applies,
    recipe=_page,
    when="max_results is not given",
)
