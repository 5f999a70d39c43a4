"""Assessments kept on their trace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions import assessments, notes
from tests.golden import recorded

TRACE = "tr-031682e8febc2988a983665233a16d29"
NOW = 1795553221379


def test_recorded_assessments_come_back_as_they_were():
    """Feedback and expectation, oldest first, in whatever order the server lists tags."""
    given_ones = recorded("traces/assessments_3_17.json")
    tags = [tag for each in reversed(given_ones) for tag in assessments.note_tags(each, notes.PIECE)]
    assert assessments.of_trace(tags, TRACE) == given_ones
    assert assessments.find(tags, TRACE, given_ones[1]["assessment_id"]) == given_ones[1]
    assert assessments.find(tags, TRACE, "a-other") is None


@given(st.text(min_size=1, max_size=300), st.text(max_size=1500))
def test_any_id_and_any_rationale_come_back(name, rationale):
    """Ids that no tag key could hold are found as well, and values are cut to what a server shows."""
    made = {"assessment_id": name, "trace_id": TRACE, "rationale": rationale, "feedback": {"value": 1}}
    tags = assessments.note_tags(made, 240)
    assert all(len(tag["key"]) <= 250 and len(tag["value"]) <= 250 for tag in tags)
    assert assessments.find(tags, TRACE, name) == made


def test_the_head_of_a_note_is_written_last():
    """So that a reader in between sees the assessment as it was."""
    tags = assessments.note_tags({"assessment_id": "a-1", "rationale": "x" * 9000}, 4000)
    assert [tag["key"].split(".")[2] for tag in tags] == ["piece1", "piece2", "assessment"]


def test_a_create_is_completed_as_servers_do():
    """Id, source, times and validity; what the client brought stays."""
    made = assessments.created({"assessment_name": "q", "feedback": {"value": 1}}, TRACE, "a-new", NOW)
    assert (made["assessment_id"], made["valid"], made["create_time"]) == ("a-new", True, "2026-11-24T20:47:01.379Z")
    assert made["source"] == {"source_type": "SOURCE_TYPE_UNSPECIFIED"}
    own = {"assessment_id": "a-own", "expectation": {}, "create_time": "2020-01-01T00:00:00Z", "valid": False}
    kept = assessments.created(own, TRACE, "a-new", NOW)
    assert (kept["assessment_id"], kept["create_time"], kept["valid"]) == ("a-own", "2020-01-01T00:00:00Z", True)


def test_an_assessment_without_a_value_is_refused():
    """As servers refuse it."""
    with pytest.raises(assessments.AssessmentError, match="Unknown assessment type"):
        assessments.created({"assessment_name": "q"}, TRACE, "a-new", NOW)


def test_an_update_gives_what_a_real_server_gave():
    """The recorded feedback is the result of such an update."""
    wanted = recorded("traces/assessments_3_17.json")[0]
    before = {**wanted, "feedback": {"value": True}, "rationale": "because", "metadata": {"m": "1"}}
    update = {"feedback": {"value": False}, "rationale": "no", "metadata": {"n": "2"}}
    mask = assessments.fields_of_mask("assessmentName,feedback,rationale,metadata")
    assert assessments.updated(before, update, mask, NOW) == wanted


def test_only_what_the_mask_names_is_changed():
    """The rest of the update is ignored."""
    changed = assessments.updated({"feedback": {"value": 1}}, {"rationale": "r", "feedback": {}}, ["rationale"], NOW)
    assert (changed["rationale"], changed["feedback"]) == ("r", {"value": 1})


@pytest.mark.parametrize(("has", "gets"), [("feedback", "expectation"), ("expectation", "feedback")])
def test_a_value_of_another_type_is_refused(has, gets):
    """A feedback stays one."""
    with pytest.raises(assessments.AssessmentError, match=f"Cannot update {gets} value on an? "):
        assessments.updated({has: {}}, {gets: {}}, [gets], NOW)


def test_masks_are_read_in_both_ways_of_writing():
    """JSON writes one string, some clients a list of paths."""
    assert assessments.fields_of_mask("assessmentName,metadata") == ["assessment_name", "metadata"]
    assert assessments.fields_of_mask({"paths": ["assessment_name"]}) == ["assessment_name"]
    assert assessments.fields_of_mask(None) == []


def test_fresh_ids_of_one_request_differ():
    """Several assessments can come with one trace; the last token wraps around."""
    assert assessments.fresh_id("0" * 32, 1) == "a-" + "0" * 31 + "1"
    assert assessments.fresh_id("f" * 32, 1) == "a-" + "0" * 32


def test_broken_notes_are_passed_over():
    """A trace is shown without what cannot be read."""
    assert assessments.of_trace(notes.write("assessment.a-1", "{"), TRACE) == []
    assert assessments.of_trace(notes.write("assessment.a-1", "{}"), TRACE) == []
