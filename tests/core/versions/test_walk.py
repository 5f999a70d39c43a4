"""The walk through the changes."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest

from proxy.core.messages import Request, Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import translate, walk
from proxy.core.versions.change import Answers, Call, Dialects, RequestPart, ResponsePart, VersionChange

Log = list[tuple[str, dict[str, Any]]]

NEW = Version(3, 17, 2)


def _answer_with(text: str, log: Log | None = None) -> ResponsePart:
    def part(answer: Response, call: Call, _dialects: Dialects) -> Response:
        if log is not None:
            log.append((text, dict(call.arguments)))
        return Response(answer.status, answer.headers, answer.body + text.encode())

    return part


def _adding(name: str, value: object) -> RequestPart:
    def part(call: Call, _dialects: Dialects) -> Call:
        return Call(call.operation, {**call.arguments, name: value})

    return part


def _install(monkeypatch: pytest.MonkeyPatch, *changes: VersionChange) -> None:
    monkeypatch.setattr(walk, "CHANGES", changes)
    monkeypatch.setattr(walk, "_candidates", walk._candidates.__wrapped__)
    monkeypatch.setattr(translate, "_answer_only", translate._answer_only.__wrapped__)


def _change(name: str, operation: str = "DeleteRun", **parts: Any) -> VersionChange:
    return VersionChange(name, frozenset({operation}), (None, None), **parts)


def _drive(steps: walk.Steps, *answers: Response) -> tuple[list[Request], Response]:
    sent: list[Request] = []
    given = iter(answers)
    try:
        request = next(steps)
        while True:
            sent.append(request)
            request = steps.send(next(given))
    except StopIteration as done:
        return sent, done.value


def test_response_parts_run_in_reverse_and_see_the_call_that_entered_them(monkeypatch):
    """The first change is the outermost: it sees the request first and the answer last."""
    log: Log = []
    _install(
        monkeypatch,
        _change("outer", request=_adding("a", 1), response=_answer_with("-outer", log)),
        _change("inner", request=_adding("b", 2), response=_answer_with("-inner", log)),
    )
    applied: list[str] = []
    steps = translate.translate_call(Call("DeleteRun", {}), Dialects(None, NEW), applied=applied)
    sent, answer = _drive(steps, Response(200, (), b"x"))
    assert json.loads(sent[0].body) == {"a": 1, "b": 2}
    assert answer.body == b"x-inner-outer"
    assert log == [("-inner", {"a": 1}), ("-outer", {})]
    assert applied == ["outer", "inner"]


@pytest.mark.parametrize(
    ("answers", "body"), [(Answers.SUCCESS, b"no"), (Answers.ERRORS, b"no!"), (Answers.ALL, b"no!")]
)
def test_error_answers_skip_response_parts_that_do_not_ask_for_them(monkeypatch, answers, body):
    """A refusal of the server reaches the client as it is, unless a change is about errors."""
    _install(monkeypatch, _change("x", response=_answer_with("!"), answers=answers))
    _, answer = _drive(translate.translate_call(Call("DeleteRun", {}), Dialects(None, NEW)), Response(404, (), b"no"))
    assert answer == Response(404, (), body)


def test_calls_of_a_recipe_meet_only_the_changes_below_it(monkeypatch):
    """A recipe may call its own operation again without meeting itself, and later changes still apply."""

    def twice(call: Call, _dialects: Dialects) -> Generator[Call, Response, Response]:
        first = yield Call("DeleteRun", {"n": 1})
        second = yield call
        return Response(200, (), first.body + second.body)

    _install(
        monkeypatch,
        _change("above", response=_answer_with("-above")),
        _change("twice", recipe=twice),
        _change("below", request=_adding("b", 2), response=_answer_with("-below")),
    )
    applied: list[str] = []
    steps = translate.translate_call(Call("DeleteRun", {"n": 2}), Dialects(None, NEW), applied=applied)
    sent, answer = _drive(steps, Response(200, (), b"1"), Response(200, (), b"2"))
    assert [json.loads(request.body) for request in sent] == [{"n": 1, "b": 2}, {"n": 2, "b": 2}]
    assert answer.body == b"1-below2-below-above"
    assert applied == ["twice", "below", "above"]


def test_parts_that_change_nothing_are_not_named(monkeypatch):
    """The header and the metric name only what was really translated."""
    _install(monkeypatch, _change("idle", request=lambda call, _: call, response=lambda answer, *_: answer))
    applied: list[str] = []
    _drive(translate.translate_call(Call("DeleteRun", {}), Dialects(None, NEW), applied=applied), Response(200))
    assert applied == []


def test_a_look_for_what_was_left_behind_is_no_translation(talk):
    """A client that gets the server's own answer needed nothing, though notes were looked for on the way."""
    line, number = "GET /api/2.0/mlflow/registered-models/get?name=m", {"key": "mlflow.tightrope.alias.a"}
    ask = {"client": "3.17.2", "server": "3.17.2", "emulated": True}
    plain = {"registered_model": {"name": "m"}}
    played = talk(line, answers=(plain,), **ask)
    assert (played.body, played.changes) == (plain, [])
    noted = {"registered_model": {"name": "m", "tags": [{**number, "value": "1 2"}]}}
    assert talk(line, answers=(noted,), **ask).changes == ["show_aliases"]
