"""A search by run finds the traces that were linked to it as well as those that were made in it.

Why: on servers before 3.3 a trace that is linked to a second run carries that link in a hidden tag of ours, see
``link_traces_by_metadata``. When the ordinary hits are at their end, the search goes on with those traces.
Lost: linked traces come last, whatever the order asked for.
Source: ``search_traces`` in ``mlflow/store/tracking/sqlalchemy_store.py`` of 3.3.2.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.json_sites import as_list, integer
from proxy.core.messages import Response
from proxy.core.versions import answers, filters, jsontext, page_tokens, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.trace_filters import ATTRIBUTES

_DEFAULT_RESULTS = 100


def _applies(call: Call, _: Dialects) -> bool:
    return _size(call) > 0 and _linked_filter(call.arguments.get("filter")) is not None


def _size(call: Call) -> int:
    return integer(call.arguments.get("max_results") or _DEFAULT_RESULTS) or 0


def _search(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    wanted = _size(call)
    found: list[Any] = []
    linked, token = _read_token(given.get("page_token"))
    if not linked:
        answer = yield Call(call.operation, {**given, "page_token": token or None})
        content = answers.success(answer)
        if content is None or content.get("next_page_token"):
            return answer
        found = as_list(content.get("traces"))
        if len(found) >= wanted:
            return jsontext.with_body(answer, {"traces": found, "next_page_token": page_tokens.write({"linked": ""})})
        token = ""
    rest = {**given, "filter": _linked_filter(given.get("filter")), "page_token": token or None}
    answer = yield Call(call.operation, {**rest, "max_results": wanted - len(found)})
    content = answers.success(answer)
    if content is None:
        return answer
    page: dict[str, Any] = {"traces": found + as_list(content.get("traces"))}
    if content.get("next_page_token"):
        page["next_page_token"] = page_tokens.write({"linked": content["next_page_token"]})
    return jsontext.with_body(answer, page)


def _linked_filter(text: Any) -> str | None:
    """The filter with "made in this run" replaced by "linked to this run"; None when it has no such clause."""
    try:
        clauses = filters.clauses(text) if isinstance(text, str) else ()
    except filters.FilterSyntaxError:
        return None
    if not any(_names_run(clause) for clause in clauses):
        return None
    return " AND ".join(_linked(clause) if _names_run(clause) else clause.text for clause in clauses)


def _names_run(clause: filters.Clause) -> bool:
    name = clause.identifier
    about_a_run = name.entity.lower() in ATTRIBUTES and name.key == "run_id" and clause.comparator == "="
    return about_a_run and "`" not in clause.value  # that would end the key that it becomes


def _linked(clause: filters.Clause) -> str:
    return f"tags.`{trace_infos.linked_run_key(filters.unquoted(clause.value))}` = '1'"


def _read_token(token: Any) -> tuple[bool, str]:
    """Whether the ordinary hits are behind us, and the token for what is to come."""
    found = page_tokens.read(token) or {}
    if "linked" in found:
        return True, str(found["linked"])
    return False, str(token or "")


CHANGE = VersionChange(
    name="search_linked_traces",
    operations=frozenset({"SearchTracesV3"}),
    servers=(trace_infos.V2_SINCE, before(trace_infos.V3_SINCE)),
    reveals=True,
    applies=_applies,
    recipe=_search,
    emulates=True,
    when="the filter names a run",
    lost="traces that are linked to a run come after those that were made in it",
)
