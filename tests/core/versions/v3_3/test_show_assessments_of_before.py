"""Traces with notes, in answers of servers that have assessments by now."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.versions import assessments, notes

NOTED = assessments.created({"assessment_name": "a", "feedback": {"value": True}}, "tr-1", "a-1", 1000)
OWN = {"assessment_id": "a-2"}
TAGS = {tag["key"]: tag["value"] for tag in assessments.note_tags(NOTED, notes.PIECE)}
TAGS |= {tag["key"]: tag["value"] for tag in notes.write("trace", '{"request_preview": "q", "state": "ERROR"}')}


def _info(**more: Any) -> dict[str, Any]:
    return {"trace_id": "tr-1", "tags": TAGS, "state": "OK", **more}


@pytest.mark.parametrize(
    ("line", "body", "wrap"),
    [
        ("GET /api/3.0/mlflow/traces/tr-1", None, lambda info: {"trace": {"trace_info": info}}),
        ("POST /api/3.0/mlflow/traces/search", {"locations": []}, lambda info: {"traces": [info]}),
    ],
)
def test_notes_are_added(talk, line, body, wrap):
    """To what the server has; what it says itself stands."""
    ask = {"client": "3.17.2", "server": "3.17.2", "emulated": True}
    played = talk(line, body, answers=(wrap(_info(assessments=[OWN])),), **ask)
    assert played.body == wrap(_info(assessments=[OWN, NOTED], request_preview="q"))
    plain = wrap({"trace_id": "tr-2", "tags": {"mine": "x"}})
    assert talk(line, body, answers=(plain,), **ask).body == plain


def test_nobody_looks_where_nothing_was_emulated(talk):
    """A server of the client's own version is asked as it was."""
    assert talk("GET /api/3.0/mlflow/traces/tr-1", client="3.17.2", server="3.17.2").untouched
