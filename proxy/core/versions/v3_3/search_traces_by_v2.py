"""Traces are searched by location.

Why: servers of 2.14 to 3.2 search by experiment, under API 2.0. What their filters lack is evaluated above, see
``evaluate_trace_filters``.
Lost: nothing.
Source: observed with 3.3.2, 3.10.1 and 3.17.2 clients on 2.14.3, 2.22.4 and 3.1.4.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core import json_sites
from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_DEFAULT_RESULTS = 100


def _search(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    experiments = [str(found) for found in json_sites.values(given, "locations[].mlflow_experiment.experiment_id")]
    asked: dict[str, Any] = {
        "experiment_ids": experiments or None,
        "filter": given.get("filter") or None,
        "order_by": given.get("order_by") or None,
        "max_results": given.get("max_results") or _DEFAULT_RESULTS,
        "page_token": given.get("page_token") or None,
    }
    answer = yield Call("SearchTraces", asked)
    content = answers.success(answer)
    if content is None:
        return answer
    token = content.get("next_page_token")
    infos = trace_infos.infos_to_v3(content.get("traces"))
    return jsontext.with_body(answer, {"traces": infos, **({"next_page_token": token} if token else {})})


CHANGE = VersionChange(
    name="search_traces_by_v2",
    operations=frozenset({"SearchTracesV3"}),
    servers=(trace_infos.V2_SINCE, before(trace_infos.V3_SINCE)),
    recipe=_search,
)
