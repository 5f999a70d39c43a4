"""Assessments on servers that have none."""

from __future__ import annotations

from typing import Any

from proxy.core.versions import assessments, notes
from tests.golden import recorded

TRACE = "tr-031682e8febc2988a983665233a16d29"
ONES = f"/api/3.0/mlflow/traces/{TRACE}/assessments"
INFO = f"GET /api/2.0/mlflow/traces/{TRACE}/info"
TAG = f"PATCH /api/2.0/mlflow/traces/{TRACE}/tags"
UNTAG = f"DELETE /api/2.0/mlflow/traces/{TRACE}/tags"
GOOD, EXPECTED = recorded("traces/assessments_3_17.json")
PLAIN = {"client": "3.17.2", "server": "2.22.4"}


def info(*held: Any) -> Any:
    tags = [tag for each in held for tag in assessments.note_tags(each, notes.PIECE)]
    return {"trace_info": {"request_id": TRACE, "tags": tags}}


def noted(*bodies: Any) -> Any:
    """The assessments that the tags in these bodies hold."""
    return assessments.of_trace(list(bodies), TRACE)


def test_a_feedback_is_kept_on_its_trace(talk):
    """The answer is the whole assessment, and so is what was kept."""
    asked = {"assessment": {name: GOOD[name] for name in ("assessment_name", "feedback", "source", "rationale")}}
    played = talk(f"POST {ONES}", asked, **PLAIN, answers=(info(), {}))
    assert [line for line, _ in played.sent] == [INFO, TAG]
    made = played.body["assessment"]
    assert (made["assessment_id"], made["valid"], made["feedback"]) == ("a-" + "0" * 32, True, GOOD["feedback"])
    assert noted(played.sent[1][1]) == [made]
    assert played.changes == ["keep_assessments_in_tags"]


def test_the_id_that_a_mirrored_create_brings_is_kept(talk):
    """So that both sides have the same."""
    played = talk(f"POST {ONES}", {"assessment": GOOD}, **PLAIN, answers=(info(), {}))
    assert played.body["assessment"] == GOOD


def test_a_long_one_takes_several_tags(talk):
    """On 2.14, which shows 250 characters of each; the head is set last."""
    asked = {"assessment": {**GOOD, "rationale": "x" * 500}}
    played = talk(f"POST {ONES}", asked, client="3.17.2", server="2.14.3", answers=(info(), *[{}] * 4))
    assert [line for line, _ in played.sent] == [INFO, *[TAG] * 4]
    assert played.sent[-1][1]["key"] == f"mlflow.tightrope.assessment.{GOOD['assessment_id']}"
    assert noted(*(body for _, body in played.sent[1:])) == [asked["assessment"]]


def test_overriding_makes_the_older_one_invalid_and_deleting_makes_it_valid_again(talk):
    """As servers do."""
    asked = {"assessment": {**EXPECTED, "overrides": GOOD["assessment_id"]}}
    played = talk(f"POST {ONES}", asked, **PLAIN, answers=(info(GOOD), {}, {}))
    older = {**GOOD, "valid": False}
    assert noted(played.sent[1][1]) == [older]
    held = info(older, played.body["assessment"])
    played = talk(f"DELETE {ONES}/{EXPECTED['assessment_id']}", {}, **PLAIN, answers=(held, {}, {}))
    assert noted(played.sent[1][1]) == [GOOD]
    key = f"mlflow.tightrope.assessment.{EXPECTED['assessment_id']}"
    assert (played.sent[2], played.body) == ((UNTAG, {"key": key}), {})


def test_what_is_overridden_must_exist(talk):
    """The words are a newer server's."""
    asked = {"assessment": {**EXPECTED, "overrides": "a-none"}}
    played = talk(f"POST {ONES}", asked, **PLAIN, answers=(info(),))
    assert (played.status, played.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert played.body["message"] == f"Assessment with ID 'a-none' not found for trace '{TRACE}'"


def test_one_is_read(talk):
    """From the trace; a missing one is missing."""
    played = talk(f"GET {ONES}/{EXPECTED['assessment_id']}", **PLAIN, answers=(info(GOOD, EXPECTED),))
    assert played.body == {"assessment": EXPECTED}
    assert talk(f"GET {ONES}/a-none", **PLAIN, answers=(info(GOOD),)).status == 404


def test_one_is_updated(talk):
    """The merged assessment is kept and answered; a wrong type is refused."""
    line = f"PATCH {ONES}/{GOOD['assessment_id']}"
    asked = {"assessment": {"rationale": "new"}, "update_mask": "rationale"}
    played = talk(line, asked, **PLAIN, answers=(info(GOOD), {}))
    assert played.body["assessment"]["rationale"] == "new"
    assert noted(played.sent[1][1]) == [played.body["assessment"]]
    wrong = {"assessment": {"expectation": {}}, "update_mask": "expectation"}
    assert talk(line, wrong, **PLAIN, answers=(info(GOOD),)).status == 400
    assert talk(line, asked, **PLAIN, answers=(info(),)).status == 404


def test_deleting_what_is_gone_is_no_error(talk):
    """Nor is a tag that somebody else deleted meanwhile."""
    line = f"DELETE {ONES}/{GOOD['assessment_id']}"
    assert talk(line, {}, **PLAIN, answers=(info(),)).body == {}
    assert talk(line, {}, **PLAIN, answers=(info(GOOD), (404, {}))).status == 200
    assert talk(line, {}, **PLAIN, answers=(info(GOOD), (500, {}))).status == 500


def test_a_trace_that_is_not_there_has_no_assessments(talk):
    """The server's own words are the answer, whatever was asked."""
    absent = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such trace"})
    played = talk(f"POST {ONES}", {"assessment": GOOD}, **PLAIN, answers=(absent,))
    assert (played.status, played.body["message"]) == (404, "no such trace")


def test_bad_creates_are_refused(talk):
    """Without a value, or without anything."""
    assert talk(f"POST {ONES}", {"assessment": {"assessment_name": "q"}}, **PLAIN, answers=(info(),)).status == 400
    assert talk(f"POST {ONES}", {}, **PLAIN, answers=(info(),)).status == 400


def test_a_failed_write_is_the_answer(talk):
    """Of the assessment, or of the one that it overrides."""
    asked = {"assessment": {**EXPECTED, "overrides": GOOD["assessment_id"]}}
    assert talk(f"POST {ONES}", asked, **PLAIN, answers=(info(GOOD), (503, {}))).status == 503
    assert talk(f"POST {ONES}", {"assessment": GOOD}, **PLAIN, answers=(info(), (503, {}))).status == 503
    held = info(GOOD, asked["assessment"])
    assert talk(f"DELETE {ONES}/{EXPECTED['assessment_id']}", {}, **PLAIN, answers=(held, (503, {}))).status == 503
