"""Searches of which the server can do a part only: it does that part, and we the rest.

Two ways, both a recipe for the walk:

*Refilled pages.* The server filters by the clauses it knows and orders; we drop what the other clauses exclude, and
ask for further pages until the client's page is full.
*The whole.* Where the server cannot order as asked, or knows no pages, everything that it finds is fetched, filtered,
ordered and cut into pages by us, up to a bound.

Page tokens are MLflow's own, base64 of ``{"offset": N}``, with N counting what the client was given so far. So they
still mean the same to a server that does the whole search itself, after a cutover. Refilled pages add where to go on:
``{"offset": N, "page": the server's token, "used": entities of that page already looked at}``.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proxy.core.json_sites import integer, maps_in
from proxy.core.messages import Response
from proxy.core.versions import answers, filters, jsontext, mlflow_errors, page_tokens, pages
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.search_kinds import SearchKind, Sorting, Test

_PAGES_AT_MOST = 50
"""Pages of the server for one page of the client; then the client gets a shorter one, and a token to go on with."""

_PAGE_SIZE = 500
"""Asked of the server from its second page on, so that rare hits do not cost a request each."""

_WHOLE_AT_MOST = 20_000
"""Entities that are fetched for ordering."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a client's next page begins; ``page`` None: only the offset is known."""

    offset: int = 0
    page: str | None = None
    used: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """A search that is understood."""

    kind: SearchKind
    tests: tuple[Test, ...]
    sortings: tuple[Sorting, ...]

    @property
    def foreign(self) -> tuple[Test, ...]:
        """The clauses that the server does not know."""
        return tuple(test for test in self.tests if not test.native)

    @property
    def orderable(self) -> bool:
        """Whether the server can order like this."""
        return all(each.native for each in self.sortings)

    @property
    def known(self) -> str:
        """The filter without what the server does not know."""
        return filters.join(test.clause for test in self.tests if test.native)


def understood(kind: SearchKind, call: Call, dialects: Dialects) -> Search | None:
    """The search, if every part of it is of MLflow's newest language; else the server has to say what is wrong."""
    tests = kind.tests(call.arguments.get("filter") or None, dialects.server)
    sortings = kind.sortings(call.arguments.get("order_by") or None, dialects.server)
    if tests is None or sortings is None:
        return None
    wanted = call.arguments.get("max_results")
    if wanted is not None and not 0 < (integer(wanted) or 0) <= kind.page_limit:
        return None
    return Search(kind, tests, sortings)


def as_it_stands(call: Call) -> Generator[Call, Response, Response]:
    """A search that we do not understand: the server says what is wrong with it.

    Some servers stumble over a broken filter with 500, which clients repeat for minutes; that becomes the 400 it is.
    """
    answer = yield call
    if answer.status != 500:
        return answer
    said = (jsontext.read_answer(answer) or {}).get("message")
    asked = {name: call.arguments[name] for name in ("filter", "order_by") if call.arguments.get(name)}
    return mlflow_errors.invalid(f"Invalid search {asked!r}: {said}") if asked else answer


def refill(call: Call, search: Search) -> Generator[Call, Response, Response]:
    """The client's page of a search whose foreign clauses we evaluate, in the server's order."""
    kind = search.kind
    position = read_token(call.arguments.get("page_token"))
    if position is None:
        return (yield call)  # the server says what is wrong with it
    wanted = integer(call.arguments.get("max_results")) or kind.page_default
    skip = position.offset if position.page is None else 0  # it began on a server that did all by itself
    page, used = position.page or "", position.used
    # One more than the page: if all are hits, the first answer tells that there are more.
    arguments = _sent(call, search, min(kind.page_limit, used + wanted + 1))
    found: list[Any] = []
    seen = {page}
    looked = 0
    while looked < _PAGES_AT_MOST:
        looked += not skip  # what was given already is passed over, however long it takes
        answer = yield Call(call.operation, {**arguments, **({"page_token": page} if page else {})})
        content = answers.success(answer)
        if content is None:
            return answer
        entities = maps_in(content.get(kind.field))
        for index, entity in enumerate(entities):
            if index < used or not kind.passes(entity, search.foreign):
                continue
            if skip:
                skip -= 1
                continue
            if len(found) == wanted:
                token = write_token(Position(position.offset + wanted, page, index))
                return _page(answer, content, kind.field, found, token)
            found.append(entity)
        page, used = pages.following(content, seen), max(used - len(entities), 0)
        if not page:
            return _page(answer, content, kind.field, found, "")
        arguments["max_results"] = min(kind.page_limit, max(used + wanted + 1, _PAGE_SIZE))
    token = write_token(Position(position.offset + len(found), page, used))
    return _page(answer, content or {}, kind.field, found, token)


def whole(
    call: Call, search: Search, dialects: Dialects, *, source: Call | None = None, paged: bool = True
) -> Generator[Call, Response, Response]:
    """The client's page of a search that we filter, order and cut.

    Args:
        call: the client's.
        search: the same, understood.
        dialects: for messages.
        source: what to fetch instead, when the server has no such search; nothing is filtered by it.
        paged: False for servers that give everything at once.
    """
    kind = search.kind
    position = read_token(call.arguments.get("page_token"))
    if position is None:
        return mlflow_errors.invalid("Invalid page token")
    arguments: dict[str, Any]
    if source is None:
        operation, tests = call.operation, search.foreign
        arguments = _sent(call, search, min(kind.page_limit, 5000) if paged else None)
        arguments.pop("order_by", None)
    else:
        operation, tests, arguments = source.operation, search.tests, dict(source.arguments)
    found: list[dict[str, Any]] = []
    token, seen = "", set[str]()
    while True:
        answer = yield Call(operation, {**arguments, **({"page_token": token} if token else {})})
        content = answers.success(answer)
        if content is None:
            return answer
        found += [entity for entity in maps_in(content.get(kind.field)) if kind.passes(entity, tests)]
        token = pages.following(content, seen)
        if not token:
            break
        if len(found) > _WHOLE_AT_MOST:
            return mlflow_errors.invalid(_too_much(call, kind, dialects))
    found = kind.sorted(found, search.sortings)
    wanted = integer(call.arguments.get("max_results")) or (kind.page_default if paged else len(found))
    end = position.offset + wanted
    token = write_token(Position(end)) if end < len(found) else ""
    return _page(answer, content, kind.field, found[position.offset : end], token)


def read_token(token: Any) -> Position | None:
    """Where a token points, ours or a server's; None when it is neither."""
    if token is None or token == "":
        return Position()
    content = page_tokens.read(token) or {}
    offset = integer(content.get("offset"))
    if offset is None or offset < 0:
        return None
    page, used = content.get("page"), integer(content.get("used", 0))
    if page is not None and (not isinstance(page, str) or used is None or used < 0):
        return None
    return Position(offset, page, used or 0)


def write_token(position: Position) -> str:
    """The reverse of :func:`read_token`."""
    content: dict[str, Any] = {"offset": position.offset}
    if position.page is not None:
        content |= {"page": position.page, "used": position.used}
    return page_tokens.write(content)


def _sent(call: Call, search: Search, size: int | None) -> dict[str, Any]:
    """The arguments for the server's part, from its first page on."""
    arguments = {
        name: value for name, value in call.arguments.items() if name not in {"filter", "page_token", "max_results"}
    }
    if size is not None:
        arguments["max_results"] = size
    if search.known:
        arguments["filter"] = search.known
    return arguments


def _page(answer: Response, content: Mapping[str, Any], field: str, found: Sequence[Any], token: str) -> Response:
    kept = {name: value for name, value in content.items() if name not in {field, "next_page_token"}}
    if found:
        kept[field] = list(found)
    if token:
        kept["next_page_token"] = token
    return jsontext.with_body(answer, kept)


def _too_much(call: Call, kind: SearchKind, dialects: Dialects) -> str:
    orders = call.arguments.get("order_by") or []
    return (
        f"MLflow {dialects.server}, the server behind the proxy, cannot order {kind.noun} by {orders!r}, and more than "
        f"{_WHOLE_AT_MOST} are too many to order for it. Filter for fewer, or order by something else."
    )
