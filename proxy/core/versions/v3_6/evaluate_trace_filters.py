"""Searches of traces by what newer servers learned to search by.

Why: up to 3.5 servers compare tags, metadata and a few attributes, and only for equality; assessments, ``LIKE``, ends
of traces and client request ids are searched by since 3.6. Such clauses are judged here, over as many of the server's
pages as it takes, see ``trace_filters``; the page tokens of every version are offsets, so one can be made for the
place where such a search stopped.
Lost: clauses on the content of spans and regular expressions, which are refused with 400.
Source: ``SearchTraceUtils`` of 2.14.3, 2.22.4, 3.3.2, 3.4.0, 3.5.1 and 3.6.0; observed on 2.22.4 and 3.3.2.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.json_sites import integer, maps_in
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, jsontext, mlflow_errors, page_tokens, trace_filters, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_Steps = Generator[Call, Response, Response]

_DEFAULT_RESULTS = 100
_PAGE_SIZE = 500
"""The most that a server gives at once."""

_MOST_PAGES = 40
"""After so many pages without enough hits the answer is a short page with a token: clients ask on."""


def _split(given: Mapping[str, Any], dialects: Dialects) -> trace_filters.Split:
    trace_filters.check_order(given.get("order_by"), dialects.server)
    return trace_filters.split(given.get("filter"), dialects.server)


def _applies(call: Call, dialects: Dialects) -> bool:
    try:
        return bool(_split(call.arguments, dialects).ours)
    except trace_filters.UnsupportedClauseError:
        return True


def _search(call: Call, dialects: Dialects) -> _Steps:
    given = call.arguments
    try:
        split = _split(given, dialects)
    except trace_filters.UnsupportedClauseError as error:
        return mlflow_errors.invalid(str(error))
    asked = {**given, "filter": split.theirs or None}
    wanted = integer(given.get("max_results") or _DEFAULT_RESULTS) or 0
    if not 0 < wanted <= _PAGE_SIZE:
        return (yield Call(call.operation, asked))  # to be told what is wrong with it
    offset, hits = _offset(given.get("page_token")), list[dict[str, Any]]()
    for _ in range(_MOST_PAGES):
        token = _token(offset) if offset else None
        answer = yield Call(call.operation, {**asked, "max_results": _PAGE_SIZE, "page_token": token})
        content = answers.success(answer)
        if content is None:
            return answer
        infos = maps_in(content.get("traces"))
        for number, info in enumerate(infos, 1):
            if trace_filters.fits(info, split.ours):
                hits.append(info)
            if len(hits) == wanted:
                more = number < len(infos) or content.get("next_page_token")
                return _page(hits, offset + number if more else None)
        if not content.get("next_page_token"):
            return _page(hits, None)
        offset += len(infos)
    return _page(hits, offset)


def _page(infos: list[dict[str, Any]], offset: int | None) -> Response:
    return jsontext.answer({"traces": infos, **({"next_page_token": _token(offset)} if offset is not None else {})})


def _token(offset: int) -> str:
    return page_tokens.write({"offset": offset})


def _offset(token: Any) -> int:
    """0 for no token, or for one that is not an offset."""
    return max(integer((page_tokens.read(token) or {}).get("offset")) or 0, 0)


CHANGE = VersionChange(
    name="evaluate_trace_filters",
    operations=frozenset({"SearchTracesV3"}),
    servers=(trace_infos.V2_SINCE, before(Version(3, 6))),
    applies=_applies,
    recipe=_search,
    lost="clauses on the content of spans and regular expressions are refused",
    when="the filter or the order has something that the server does not know",
)
