"""What is looked for in answers."""

from __future__ import annotations

import pytest

from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"null", b"7"])
def test_a_success_carries_an_object(body):
    """Pages, lists and nothing at all are none."""
    assert answers.success(Response(200, (), body)) is None
    assert answers.success(Response(200, (), b'{"a": 1}')) == {"a": 1}
    assert answers.success(Response(404, (), b'{"a": 1}')) is None


@pytest.mark.parametrize("value", [None, [], "x", 7])
def test_a_field_of_another_form_is_not_there(value):
    """Nobody has to look twice."""
    assert answers.found(jsontext.answer({"run": {"info": {}}}), "run") == {"info": {}}
    assert answers.found(jsontext.answer({"run": value}), "run") is None
    assert answers.each({"run": value, "runs": [value, {"a": 1}]}, "run") == [{"a": 1}]
    assert answers.files({"files": [value, {"path": value}, {"path": "b"}]})[-1:] == [{"path": "b"}]
    assert answers.tags_of({"tags": value} if value != [] else value) == {}


def test_one_and_many_are_found():
    """The one first."""
    assert answers.each({"runs": [{"b": 2}], "run": {"a": 1}}, "run") == [{"a": 1}, {"b": 2}]


def test_files_have_paths():
    """What has none cannot be shown; no listing is an empty one."""
    assert answers.files({"files": [{"path": "a"}, {"is_dir": True}]}) == [{"path": "a"}]
    assert answers.files(None) == []
