"""Assessments in notes, on a server that has assessments by now."""

from __future__ import annotations

import pytest

from proxy.core.versions import assessments, notes

BASE = "/api/3.0/mlflow/traces/tr-1/assessments"
NOTED = assessments.created({"assessment_name": "a", "feedback": {"value": True}}, "tr-1", "a-1", 1000)
TRACE = {"trace_info": {"request_id": "tr-1", "tags": assessments.note_tags(NOTED, notes.PIECE)}}
ABSENT = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"})


@pytest.mark.parametrize("client", ["3.17.2", "3.3.2"])
def test_it_is_read(talk, client):
    """The server is asked first."""
    ask = {"client": client, "server": "3.17.2", "emulated": True}
    played = talk(f"GET {BASE}/a-1", answers=(ABSENT, TRACE), **ask)
    assert played.body["assessment"] == NOTED
    own = {"assessment": {"assessment_id": "a-2"}}
    assert talk(f"GET {BASE}/a-2", answers=(own,), **ask).body == own


def test_deleting_it_takes_its_note(talk):
    """The server calls it a success where it has nothing to delete; a refusal of it stands."""
    ask = {"client": "3.17.2", "server": "3.17.2", "emulated": True}
    played = talk(f"DELETE {BASE}/a-1", answers=({}, TRACE, {}), **ask)
    assert played.status == 200
    assert "mlflow.tightrope.assessment.a-1" in str(played.sent[2])
    assert talk(f"DELETE {BASE}/a-1", answers=((403, {"error_code": "NO"}), TRACE, {}), **ask).status == 403


def test_nobody_looks_where_nothing_was_emulated(talk):
    """A server of the client's own version is asked as it was."""
    assert talk(f"GET {BASE}/a-1", client="3.17.2", server="3.17.2").untouched
