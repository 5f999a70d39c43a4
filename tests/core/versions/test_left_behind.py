"""The server first, then the notes."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.left_behind import server_first

CALL = Call("GetLoggedModel", {"model_id": "m-1"})
DIALECTS = Dialects(None, Version(3, 17, 2))
ABSENT = jsontext.answer({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "the server's words"}, 404)
ABSENT_HERE = jsontext.answer({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "ours"}, 404)
FOUND, BROKEN = jsontext.answer({"model": {}}), jsontext.answer({"error_code": "INTERNAL_ERROR"}, 500)


def _run(server: Response, noted: Response) -> tuple[Response, bool]:
    """The answer, and whether the notes were looked at."""
    looked = []

    def recipe(_call: Call, _dialects: Dialects) -> Generator[Call, Response, Response]:
        looked.append(True)
        yield from ()
        return noted

    steps = server_first(recipe)(CALL, DIALECTS)
    assert next(steps) is CALL
    with pytest.raises(StopIteration) as done:
        steps.send(server)
    return done.value.value, bool(looked)


def test_what_the_server_has_needs_no_notes():
    """Nor does a failure, which says nothing about what is there."""
    assert _run(FOUND, ABSENT_HERE) == (FOUND, False)
    assert _run(BROKEN, FOUND) == (BROKEN, False)


def test_notes_are_for_what_it_does_not_have():
    """Where they do not have it either, the server's words count; any other answer of theirs stands."""
    assert _run(ABSENT, FOUND) == (FOUND, True)
    assert _run(ABSENT, ABSENT_HERE) == (ABSENT, True)
    assert _run(ABSENT, BROKEN) == (BROKEN, True)
