"""What the following side is asked to do, and the tag it gets."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core import effects, hidden_tags
from proxy.core.versions.change import Call

RUN = "0f3c5a7b9d1e2f4a6b8c0d2e4f6a8b0c"
HIDDEN = {"key": hidden_tags.PUBLIC_ID_TAG, "value": f"id{RUN}"}
SHOWN = {"key": "mine", "value": "1"}


def run_answer(**info: object) -> dict[str, Any]:
    return {"run": {"info": {"run_id": RUN, "experiment_id": "3", **info}, "data": {"tags": [SHOWN, HIDDEN]}}}


# -------------------------------------------------------------------------------------------------- effects of creates


def test_a_run_is_made_as_the_serving_side_made_it():
    """Name, user and start time that the server filled in are those of the twin, and our own tag is not copied."""
    answer = run_answer(run_name="quick-fox-1", user_id="ann", start_time=5, status="RUNNING", artifact_uri="x")
    assert effects.mirrored_call(Call("CreateRun", {"experiment_id": "3"}), answer) == Call(
        "CreateRun",
        {"experiment_id": "3", "user_id": "ann", "start_time": 5, "run_name": "quick-fox-1", "tags": [SHOWN]},
    )


def test_a_run_of_an_old_server_has_its_name_in_a_tag():
    """Servers without run names answer with the tag that carries it."""
    answer = run_answer(start_time=5)
    answer["run"]["data"]["tags"].append({"key": "mlflow.runName", "value": "named"})
    assert effects.mirrored_call(Call("CreateRun", {}), answer).arguments["run_name"] == "named"


def test_a_run_answered_without_tags_keeps_those_asked_for():
    """Where the answer says nothing of tags, the client's are used; what nobody said is left out."""
    answer = {"run": {"info": {"run_id": RUN, "experiment_id": "3"}}}
    call = effects.mirrored_call(Call("CreateRun", {"experiment_id": "3", "tags": [SHOWN]}), answer)
    assert call.arguments == {"experiment_id": "3", "tags": [SHOWN]}


@pytest.mark.parametrize(("asked", "name"), [({"run_name": "b"}, "b"), ({}, None)])
def test_an_update_sends_what_the_run_became(asked, name):
    """Status and end time are those of the answer; the name only if the client asked to change it."""
    info = {"run_uuid": RUN, "status": "FINISHED", "end_time": 7, "run_name": "b", "experiment_id": "3"}
    call = effects.mirrored_call(Call("UpdateRun", {"run_id": RUN, **asked}), {"run_info": info})
    expected = {"run_id": RUN, "status": "FINISHED", "end_time": 7}
    assert call.arguments == (expected if name is None else {**expected, "run_name": name})


def test_an_assessment_keeps_the_id_that_the_serving_side_gave_it():
    """The twin of an assessment is asked for with the very same id."""
    asked: dict[str, Any] = {"trace_id": "tr-1", "assessment": {"assessment_name": "good", "feedback": {"value": 3}}}
    call = effects.mirrored_call(Call("CreateAssessment", asked), {"assessment": {"assessment_id": "a-1", "x": 1}})
    assert call.arguments["assessment"] == {**asked["assessment"], "assessment_id": "a-1"}


def test_models_are_made_as_answered():
    """A logged model gets the name and experiment of the answer, a version the run that the server found for it."""
    made = {"model": {"info": {"model_id": f"m-{RUN}", "name": "given", "experiment_id": "3"}}}
    call = effects.mirrored_call(Call("CreateLoggedModel", {"params": [1]}), made)
    assert call.arguments == {"params": [1], "name": "given", "experiment_id": "3"}
    version = {"model_version": {"name": "m", "version": "1", "run_id": RUN}}
    call = effects.mirrored_call(Call("CreateModelVersion", {"name": "m", "source": "s"}), version)
    assert call.arguments == {"name": "m", "source": "s", "run_id": RUN}


def test_an_experiment_is_made_as_asked():
    """The default location of the serving side is not the other's: only a location that the client gave is sent."""
    asked = {"name": "x", "artifact_location": "", "tags": []}
    assert effects.mirrored_call(Call("CreateExperiment", asked), {"experiment_id": "3"}).arguments == {
        "name": "x",
        "tags": [],
    }


@pytest.mark.parametrize(("operation", "answer"), [("LogMetric", {"x": 1}), ("CreateRun", None)])
def test_other_calls_are_sent_as_asked(operation, answer):
    """Calls whose effect is what they say, and those whose answer was not kept, pass as the same object."""
    call = Call(operation, {"run_id": RUN})
    assert effects.mirrored_call(call, answer) is call


# ---------------------------------------------------------------------------------------------------------- hidden tag


@pytest.mark.parametrize("operation", sorted(effects.TAGGED))
def test_the_hidden_tag_is_added_once(operation):
    """A tagged create carries the public id beside the client's tags; adding it again changes nothing."""
    call = Call(operation, {"tags": [SHOWN], "name": "x"})
    tagged = effects.with_public_id(call, RUN)
    assert tagged == Call(operation, {"tags": [SHOWN, HIDDEN], "name": "x"})
    assert effects.with_public_id(tagged, RUN) == tagged
    assert call.arguments["tags"] == [SHOWN]
    assert effects.with_public_id(Call(operation, {"tags": None}), RUN).arguments["tags"] == [HIDDEN]


def test_what_keeps_its_name_gets_no_tag():
    """Objects that are called the same on both sides need no tag."""
    call = Call("CreateRegisteredModel", {"name": "m"})
    assert effects.with_public_id(call, "m") is call


def test_assessments_that_come_with_a_trace_keep_the_ids_they_got():
    """They are minted by the serving side; a trace without any is replayed as it was asked."""
    asked = {"trace": {"trace_info": {"trace_id": "tr-1", "assessments": [{"assessment_name": "a"}]}}}
    made = [{"assessment_name": "a", "assessment_id": "a-1"}]
    answer = {"trace": {"trace_info": {"trace_id": "tr-1", "assessments": made}}}
    call = effects.mirrored_call(Call("StartTraceV3", asked), answer)
    assert call.arguments["trace"]["trace_info"] == {"trace_id": "tr-1", "assessments": made}
    plain = effects.mirrored_call(Call("StartTraceV3", asked), {"trace": {"trace_info": {}}})
    assert plain.arguments == asked
