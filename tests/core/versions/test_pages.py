"""Following pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from proxy.core.messages import Response
from proxy.core.versions.change import Call
from proxy.core.versions.pages import follow, following


def _play(call: Call, answers: list[Response]) -> tuple[list[Mapping[str, Any]], Response]:
    steps = follow(call, "items", 10)
    asked: list[Mapping[str, Any]] = []
    try:
        sent = next(steps)
        for answer in answers:
            asked.append(sent.arguments)
            sent = steps.send(answer)
    except StopIteration as done:
        return asked, done.value
    pytest.fail("it asks for more than there is")


def _page(items: list[int], token: str | None = None) -> Response:
    return Response(200, (), json.dumps({"items": items, **({"next_page_token": token} if token else {})}).encode())


def test_all_pages_become_one_answer_without_a_token():
    """Pages are asked for in order, each with the token of the one before."""
    asked, answer = _play(Call("X", {"a": 1}), [_page([1], "t1"), _page([2], "t2"), _page([3])])
    assert [arguments.get("page_token") for arguments in asked] == [None, "t1", "t2"]
    assert all(arguments["max_results"] == 10 and arguments["a"] == 1 for arguments in asked)
    assert json.loads(answer.body) == {"items": [1, 2, 3]}


def test_the_callers_own_token_is_where_it_starts():
    """A caller in the middle of a list gets the rest."""
    asked, _ = _play(Call("X", {"page_token": "mine"}), [_page([1])])
    assert asked[0]["page_token"] == "mine"


def test_an_error_on_any_page_is_the_answer():
    """Half a list is never passed off as a whole."""
    _, answer = _play(Call("X", {}), [_page([1], "t"), Response(500, (), b"oops")])
    assert answer == Response(500, (), b"oops")


def test_a_token_that_repeats_ends_the_loop():
    """A server that ignores tokens is not asked for ever."""
    asked, answer = _play(Call("X", {}), [_page([1], "t"), _page([2], "t")])
    assert len(asked) == 2
    assert json.loads(answer.body) == {"items": [1, 2]}


def test_tokens_in_a_circle_end_the_loop_as_well():
    """However long the circle."""
    asked, _ = _play(Call("X", {}), [_page([1], "a"), _page([2], "b"), _page([3], "a")])
    assert len(asked) == 3


@pytest.mark.parametrize("token", [None, "", 7, ["a"]])
def test_what_is_no_token_is_the_end(token):
    """Nothing is asked for with it."""
    assert following({"next_page_token": token}, set()) == ""
    assert following({}, set()) == ""


def test_a_missing_list_is_an_empty_one():
    """MLflow leaves empty fields out; the client gets the empty list."""
    _, answer = _play(Call("X", {}), [Response(200, (), b'{"other": 1}')])
    assert json.loads(answer.body) == {"other": 1, "items": []}
