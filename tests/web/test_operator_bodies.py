"""JSON shapes of the operator API."""

import pytest
from pydantic import ValidationError

from proxy.core.cutover import Phase
from proxy.web.operator_bodies import HoldBody, JournalQuery, MoveBody, PhaseBody, record_json
from tests.fakes.operator import record


def test_a_phase_is_read_by_its_name():
    """And nothing else makes one."""
    assert PhaseBody.model_validate({"to": "green_only"}).to is Phase.GREEN_ONLY
    with pytest.raises(ValidationError):
        PhaseBody.model_validate({"to": "GREEN_ONLY"})


def test_truth_is_only_true_and_false():
    """`"dry_run": "false"` must not be taken for either."""
    for odd in ("false", "true", 0, 1, None):
        with pytest.raises(ValidationError):
            MoveBody.model_validate({"dry_run": odd})


def test_endless_holds_are_refused():
    """Every hold has an end."""
    for odd in (float("inf"), float("nan"), 0, -1):
        with pytest.raises(ValidationError):
            HoldBody.model_validate({"max_s": odd})


def test_queries_are_read_from_text():
    """Numbers come as text in a query."""
    assert JournalQuery.model_validate({"after": "5", "limit": "10"}) == JournalQuery(after=5, limit=10)


def test_record_shapes_are_stable():
    """Scripts rely on these names."""
    light = record_json(record(7), full=False)
    assert set(light) == {
        *("seq", "state", "operation", "served_by", "lane", "received_at", "answered_at", "status", "attempts"),
        *("reason", "detail", "request_id"),
    }
    full = record_json(record(7, body=b""), full=True)
    assert set(full) - set(light) == {"after", "fence", "request", "answer"}
    assert full["request"]["body"] is None
