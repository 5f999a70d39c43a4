"""Conversations: a client's request in, hand-fed answers, what was sent and what the client got out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from proxy.core.endpoints.catalogue import match
from proxy.core.messages import Request, Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import translate
from proxy.core.versions.change import Dialects


@dataclass
class Conversation:
    """``sent``: ``(request line, body)`` in order, bodies as JSON; ``answer`` is what the client gets."""

    sent: list[tuple[str, Any]] = field(default_factory=list)
    status: int = 0
    body: Any = None
    changes: list[str] = field(default_factory=list)
    untouched: bool = False


def said(request: Request) -> tuple[str, Any]:
    return f"{request.method} {request.target}", _parsed(request.body) if request.body else None


def replied(answer: Any) -> Response:
    status, value = answer if isinstance(answer, tuple) else (200, answer)
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Response(status, (("Content-Type", "application/json"), ("Content-Length", str(len(body)))), body)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def talk(
    line: str,
    body: Any = None,
    *,
    server: str,
    client: str | None = None,
    answers: tuple[Any, ...] = (),
    emulated: bool = False,
) -> Conversation:
    """Plan ``"METHOD target"`` and play ``answers`` (a JSON value, or ``(status, value)``) in order.

    Without ``answers`` every request is answered with ``{}``.

    ``emulated`` says that the server holds what was emulated on it.
    """
    method, target = line.split(" ", 1)
    path, _, query = target.partition("?")
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    request = Request(method, path, query, (("Content-Type", "application/json"), ("X-Kept", "1")), data)
    found = match(method, path)
    assert found is not None, f"the catalogue does not know {line}"
    dialects = Dialects(Version.parse(client) if client else None, Version.parse(server), emulated)
    translation = translate.plan(found, request, dialects)
    if translation is None:
        played = Conversation(untouched=True)
        for given in answers:  # as the forwarder does: nothing is streamed on but what no change looks at
            answer, played.changes = translate.translate_answer(replied(given), found, dialects)
            played.sent.append(said(request))
            played.status, played.body, played.untouched = answer.status, _parsed(answer.body), not played.changes
        return played
    if not answers and translation.first is request:  # the very bytes; nothing is asked about the answer
        return Conversation(untouched=True)
    played = Conversation(changes=translation.changes)
    steps = translation.run()
    given = iter(answers)
    try:
        asked = next(steps)
        while True:
            played.sent.append(said(asked))
            asked = steps.send(replied(next(given) if answers else {}))
    except StopIteration as done:
        played.status, played.body = done.value.status, _parsed(done.value.body)
    assert next(given, None) is None, "an answer was not asked for"
    if not answers:  # other changes may have looked; what counts is that none did anything
        played.untouched = played.sent == [said(request)] and played.body == {} and not played.changes
    return played


@pytest.fixture(name="talk")
def _talk() -> Callable[..., Conversation]:
    return talk
