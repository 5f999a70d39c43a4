"""Traces are searched by location, with a richer filter language.

Why: servers of 2.14 to 3.2 search by experiment, under API 2.0. Clauses that they do not know are judged here, over as
many of the server's pages as it takes, see ``trace_filters``; the page tokens of every version are offsets, so one can
be made for the place where such a search stopped.
Lost: clauses on the content of spans and regular expressions, which are refused with 400.
Source: observed with 3.3.2, 3.10.1 and 3.17.2 clients on 2.14.3, 2.22.4 and 3.1.4.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core import json_sites
from proxy.core.json_sites import integer
from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, mlflow_errors, page_tokens, trace_filters, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_Steps = Generator[Call, Response, Response]

_DEFAULT_RESULTS = 100
_PAGE_SIZE = 500
"""The most that a server gives at once."""

_MOST_PAGES = 40
"""After so many pages without enough hits the answer is a short page with a token: clients ask on."""


def _search(call: Call, dialects: Dialects) -> _Steps:
    given = call.arguments
    try:
        split = trace_filters.split(given.get("filter"), dialects.server)
        trace_filters.check_order(given.get("order_by"), dialects.server)
    except trace_filters.UnsupportedClauseError as error:
        return mlflow_errors.invalid(str(error))
    experiments = [str(found) for found in json_sites.values(given, "locations[].mlflow_experiment.experiment_id")]
    asked: dict[str, Any] = {
        "experiment_ids": experiments or None,
        "filter": split.theirs or None,
        "order_by": given.get("order_by") or None,
        "max_results": given.get("max_results") or _DEFAULT_RESULTS,
        "page_token": given.get("page_token") or None,
    }
    if split.ours and 0 < (integer(asked["max_results"]) or 0) <= _PAGE_SIZE:
        return (yield from _judged(asked, split))
    answer = yield Call("SearchTraces", asked)
    content = answers.success(answer)
    if content is None:
        return answer
    return jsontext.with_body(answer, _page(trace_infos.infos_to_v3(content.get("traces")), content))


def _judged(asked: dict[str, Any], split: trace_filters.Split) -> _Steps:
    wanted, offset = integer(asked["max_results"]), _offset(asked["page_token"])
    hits: list[dict[str, Any]] = []
    for _ in range(_MOST_PAGES):
        token = _token(offset) if offset else None
        answer = yield Call("SearchTraces", {**asked, "max_results": _PAGE_SIZE, "page_token": token})
        content = answers.success(answer)
        if content is None:
            return answer
        infos = trace_infos.infos_to_v3(content.get("traces"))
        for number, info in enumerate(infos, 1):
            if trace_filters.fits(info, split.ours):
                hits.append(info)
            if len(hits) == wanted:
                more = number < len(infos) or content.get("next_page_token")
                return jsontext.answer(_page(hits, {"next_page_token": _token(offset + number) if more else None}))
        if not content.get("next_page_token"):
            return jsontext.answer(_page(hits, {}))
        offset += len(infos)
    return jsontext.answer(_page(hits, {"next_page_token": _token(offset)}))


def _page(infos: list[dict[str, Any]], content: dict[str, Any]) -> dict[str, Any]:
    token = content.get("next_page_token")
    return {"traces": infos, **({"next_page_token": token} if token else {})}


def _token(offset: int) -> str:
    return page_tokens.write({"offset": offset})


def _offset(token: Any) -> int:
    """0 for no token, or for one that is not an offset."""
    offset = (page_tokens.read(token) or {}).get("offset")
    return max(integer(offset) or 0, 0)


CHANGE = VersionChange(
    name="search_traces_by_v2",
    operations=frozenset({"SearchTracesV3"}),
    servers=(trace_infos.V2_SINCE, before(trace_infos.V3_SINCE)),
    recipe=_search,
    lost="clauses on the content of spans and regular expressions are refused",
)
