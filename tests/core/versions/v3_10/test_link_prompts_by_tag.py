"""Linking prompts to a trace."""

from __future__ import annotations

import json
from typing import Any

import pytest

LINK = "POST /api/2.0/mlflow/traces/link-prompts"
ASKED = {"trace_id": "t", "prompt_versions": [{"name": "p", "version": "2"}]}


def info(tag: Any = None) -> Any:
    tags = {"mlflow.linkedPrompts": tag} if tag else {}
    return {"trace": {"trace_info": {"trace_id": "t", "tags": tags}}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, [{"name": "p", "version": "2"}]),
        ('[{"name": "q", "version": "1"}]', [{"name": "q", "version": "1"}, {"name": "p", "version": "2"}]),
        ("{", [{"name": "p", "version": "2"}]),
        ("7", [{"name": "p", "version": "2"}]),
    ],
)
def test_the_link_is_added_to_the_tag(talk, before, after):
    """Where clients before 3.10 kept it, too."""
    played = talk(LINK, ASKED, client="3.17.2", server="3.3.2", answers=(info(before), {}))
    line, body = played.sent[1]
    assert line == "PATCH /api/2.0/mlflow/traces/t/tags"
    assert (body["key"], json.loads(body["value"])) == ("mlflow.linkedPrompts", after)


def test_a_link_that_is_there_is_not_made_twice(talk):
    """On servers of the older trace API as well."""
    tag = {"key": "mlflow.linkedPrompts", "value": '[{"name": "p", "version": "2"}]'}
    shown = {"trace_info": {"request_id": "t", "tags": [tag]}}
    played = talk(LINK, ASKED, client="3.17.2", server="2.22.4", answers=(shown,))
    assert (played.sent, played.body) == ([("GET /api/2.0/mlflow/traces/t/info", None)], {})


def test_a_missing_trace_is_the_answer(talk):
    """Nothing is written."""
    assert talk(LINK, ASKED, client="3.17.2", server="3.3.2", answers=((404, {}),)).status == 404
