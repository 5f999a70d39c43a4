"""Pages of searches that the server does in part only, against a server that does them whole."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, searches
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.evaluate import NUMBERS, STRINGS
from proxy.core.versions.search_kinds import ORDER, Rule, SearchKind, Subject, since
from proxy.core.versions.searches import Position

AGE, NAME = frozenset({"age"}), frozenset({"name"})
KIND = SearchKind(
    noun="things",
    field="things",
    rules=(Rule("attribute", NAME, STRINGS), Rule("attribute", AGE, NUMBERS, since(2, 0))),
    orders=(Rule("attribute", NAME, ORDER), Rule("attribute", AGE, ORDER, since(2, 0))),
    numeric=AGE,
    aliases={},
    read=lambda thing, subject: [thing[subject.key]],
    ties=((Subject("attribute", "name"), True),),
    standard=(),
    page_limit=1000,
    page_default=4,
)
DIALECTS = Dialects(Version(3, 0), Version(1, 0))


class Server:
    """Orders by name and pages; evaluates nothing. ``page`` bounds what it gives at once, whatever is asked for."""

    def __init__(self, ages: list[int], page: int = 3) -> None:
        self.things = [{"name": f"{index:03}", "age": age} for index, age in enumerate(ages)]
        self.page = page
        self.asked: list[dict[str, Any]] = []

    def answer(self, call: Call) -> Response:
        self.asked.append(dict(call.arguments))
        token = call.arguments.get("page_token")
        start = json.loads(base64.b64decode(token))["offset"] if token else 0
        end = start + min(self.page, int(call.arguments.get("max_results", self.page)))
        found: dict[str, Any] = {"things": self.things[start:end]} if self.things[start:end] else {}
        if end < len(self.things):
            found["next_page_token"] = base64.b64encode(json.dumps({"offset": end}).encode()).decode()
        return jsontext.answer(found)

    def run(self, steps: Generator[Call, Response, Response]) -> tuple[int, dict[str, Any]]:
        try:
            call = next(steps)
            while True:
                call = steps.send(self.answer(call))
        except StopIteration as done:
            return done.value.status, jsontext.read_answer(done.value) or {}


def _search(server: Server, size: int | None = None, token: str = "", text: str = "age > 1", order: Any = None) -> Any:
    arguments = {"filter": text, "max_results": size, "page_token": token, "order_by": order}
    call = Call("SearchRuns", {name: value for name, value in arguments.items() if value})
    search = searches.understood(KIND, call, DIALECTS)
    assert search is not None
    steps = searches.refill(call, search) if search.orderable else searches.whole(call, search, DIALECTS)
    return server.run(steps)


def _flat(pages: list[list[str]]) -> list[str]:
    return [name for page in pages for name in page]


def _all(server: Server, size: int, **how: Any) -> list[list[str]]:
    pages, token = [], ""
    while True:
        status, content = _search(server, size, token, **how)
        assert status == 200
        pages.append([thing["name"] for thing in content.get("things", [])])
        token = content.get("next_page_token", "")
        if not token:
            return pages


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 5), st.integers(1, 7))
def test_refilled_pages_are_full_and_complete(ages, size, page):
    """Every hit comes once, in the server's order, and only the last page may be short."""
    pages = _all(Server(ages, page), size)
    assert _flat(pages) == [f"{index:03}" for index, age in enumerate(ages) if age > 1]
    assert all(len(each) == size for each in pages[:-1])
    assert len(pages) == 1 or pages[-1]


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 5), st.integers(1, 7))
def test_a_whole_is_ordered_and_cut(ages, size, page):
    """What the server cannot order comes in order, every hit once."""
    pages = _all(Server(ages, page), size, order=["age DESC"])
    hits = sorted((-age, f"{index:03}") for index, age in enumerate(ages) if age > 1)
    assert _flat(pages) == [name for _, name in hits]
    assert all(len(each) == size for each in pages[:-1])


@given(st.lists(st.integers(0, 3), max_size=20), st.integers(0, 10))
def test_a_token_of_a_server_that_did_all_by_itself_is_understood(ages, given_already):
    """After a cutover the offset still counts hits, not what the other server stores."""
    server = Server(ages)
    token = searches.write_token(Position(given_already)) if given_already else ""
    _, content = _search(server, 100, token)
    hits = [f"{index:03}" for index, age in enumerate(ages) if age > 1]
    assert [thing["name"] for thing in content.get("things", [])] == hits[given_already:]


def test_our_tokens_count_hits_as_a_native_server_would():
    """So a token of ours is good for a server that does the whole search."""
    _, content = _search(Server([2, 0, 2, 0, 2, 2, 2]), 2)
    first = content["next_page_token"]
    _, content = _search(Server([2, 0, 2, 0, 2, 2, 2]), 2, first)
    offsets = [json.loads(base64.b64decode(token))["offset"] for token in (first, content["next_page_token"])]
    assert offsets == [2, 4]


def test_only_what_the_server_knows_is_sent():
    """One more than the page, to know whether there are more; all at once where the order is ours."""
    server = Server([2])
    _search(server, 2, text="age > 1 AND name LIKE '0%'")
    _search(server, 2, text="age > 1", order=["name DESC"])
    _search(server, 2, text="name = '000'", order=["age"])
    assert server.asked == [
        {"max_results": 3, "filter": "name LIKE '0%'"},
        {"max_results": 3, "order_by": ["name DESC"]},
        {"max_results": 1000, "filter": "name = '000'"},
    ]


def test_rare_hits_end_in_a_short_page_and_a_token():
    """A request is bounded; nothing is lost by it."""
    server = Server([0] * 60 + [2], page=1)
    _, content = _search(server, 2)
    assert (content.get("things"), len(server.asked)) == (None, 50)
    _, content = _search(server, 2, content["next_page_token"])
    assert [thing["name"] for thing in content["things"]] == ["060"]
    assert "next_page_token" not in content


def test_too_much_to_order_is_refused(monkeypatch):
    """With an error that names the order and the server."""
    monkeypatch.setattr(searches, "_WHOLE_AT_MOST", 5)
    status, content = _search(Server([2] * 20), 2, order=["age"])
    assert (status, content["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "age" in content["message"]
    assert "1.0.0" in content["message"]


@pytest.mark.parametrize("size", [0, -1, "x", 1001])
def test_a_page_size_that_no_server_takes_is_not_ours(size):
    """The server says what is wrong with it."""
    call = Call("SearchRuns", {"filter": "age > 1", "max_results": size})
    assert searches.understood(KIND, call, DIALECTS) is None


@pytest.mark.parametrize("token", ["x", "e30=", base64.b64encode(b'{"offset": -1}').decode(), "bnVsbA=="])
def test_tokens_of_nobody(token):
    """What is no token of MLflow's is left to the server, or refused where no server is asked for it."""
    assert searches.read_token(token) is None
    server = Server([2])
    _, content = server.run(searches.whole(Call("SearchRuns", {"page_token": token}), _plain(), DIALECTS))
    assert content["error_code"] == "INVALID_PARAMETER_VALUE"
    call = Call("SearchRuns", {"page_token": token})
    assert next(searches.refill(call, _plain())) is call


def _plain() -> searches.Search:
    search = searches.understood(KIND, Call("SearchRuns", {"filter": "age > 1"}), DIALECTS)
    assert search is not None
    return search


@given(st.builds(Position, st.integers(0), st.none() | st.text(), st.just(0)))
def test_tokens_round_trip(position):
    """What was written is read."""
    assert searches.read_token(searches.write_token(position)) == position


def test_an_error_of_the_server_is_the_answer():
    """Whatever page it came with."""
    for steps in (searches.refill(Call("SearchRuns", {}), _plain()), searches.whole(Call("X", {}), _plain(), DIALECTS)):
        next(steps)
        with pytest.raises(StopIteration) as stopped:
            steps.send(jsontext.answer({"error_code": "X"}, 403))
        assert stopped.value.value.status == 403


@pytest.mark.parametrize(
    ("answer", "status"),
    [((500, {"error_code": "INTERNAL_ERROR", "message": "m"}), 400), ((400, {"message": "m"}), 400), ((200, {}), 200)],
)
def test_a_server_that_stumbles_over_a_filter_refuses_it(answer, status):
    """Everything else it says stands."""
    steps = searches.as_it_stands(Call("SearchRuns", {"filter": "status ~ 'x'"}))
    next(steps)
    with pytest.raises(StopIteration) as stopped:
        steps.send(jsontext.answer(answer[1], answer[0]))
    assert stopped.value.value.status == status


def test_a_search_without_a_filter_cannot_have_a_wrong_one():
    """A 500 for another reason stays one."""
    steps = searches.as_it_stands(Call("SearchRuns", {"max_results": 0}))
    next(steps)
    with pytest.raises(StopIteration) as stopped:
        steps.send(jsontext.answer({}, 500))
    assert stopped.value.value.status == 500


def test_a_page_of_hits_costs_one_request():
    """The common case: nothing has to be left out."""
    server = Server([2] * 9, page=1000)
    token = ""
    for _ in range(3):
        _, content = _search(server, 3, token)
        token = content.get("next_page_token", "")
    assert (len(server.asked), token) == (3, "")


def test_rare_hits_are_looked_for_in_large_pages():
    """From the second page on."""
    server = Server([0] * 40 + [2], page=1000)
    _, content = _search(server, 1)
    assert [asked["max_results"] for asked in server.asked] == [2, 500]
    assert [thing["name"] for thing in content["things"]] == ["040"]
