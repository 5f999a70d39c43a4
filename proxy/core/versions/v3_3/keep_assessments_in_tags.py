"""Feedback and expectations are attached to traces.

Why: servers before 3.3 have no assessments. Each one is kept as a note on its trace (see ``assessments``) and shown
wherever the newer API shows a trace. What the servers check is checked: the trace and the overridden assessment must
exist, an update cannot change a feedback into an expectation, and deleting what is gone is no error.
Lost: an update reads before it writes, so of two updates of one assessment at the same time the later wins as a whole.
Source: observed on 3.17.2; ``create_assessment`` and its neighbours in ``mlflow/store/tracking/sqlalchemy_store.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.messages import Response
from proxy.core.versions import answers, assessments, jsontext, mlflow_errors, notes, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_Steps = Generator[Call, Response, Response]


def keep(call: Call, dialects: Dialects) -> _Steps:
    """The recipe, for all four operations."""
    read = yield Call("GetTraceInfo", {"request_id": call.arguments.get("trace_id")})
    if not read.ok:
        return read
    return (yield from _OF[call.operation](call, dialects, answers.tags_of(answers.found(read, "trace_info"))))


def _create(call: Call, dialects: Dialects, tags: Mapping[str, str]) -> _Steps:
    trace, given = _trace(call), _given(call)
    if not given:
        return mlflow_errors.invalid("Missing value for required parameter 'assessment'.")
    try:
        made = assessments.created(given, trace, assessments.fresh_id(dialects.token), dialects.now_ms)
    except assessments.AssessmentError as error:
        return mlflow_errors.invalid(str(error))
    replaced = str(made.get("overrides") or "")
    if replaced:
        older = assessments.find(tags, trace, replaced)
        if older is None:
            return _absent(replaced, trace)
        answer = yield from _note({**older, "valid": False}, trace, dialects)
        if not answer.ok:
            return answer
    answer = yield from _note(made, trace, dialects)
    return jsontext.answer({"assessment": made}) if answer.ok else answer


def _get(call: Call, _: Dialects, tags: Mapping[str, str]) -> _Steps:
    yield from ()
    found = assessments.find(tags, _trace(call), _id(call))
    return _absent(_id(call), _trace(call)) if found is None else jsontext.answer({"assessment": found})


def _update(call: Call, dialects: Dialects, tags: Mapping[str, str]) -> _Steps:
    existing = assessments.find(tags, _trace(call), _id(call))
    if existing is None:
        return _absent(_id(call), _trace(call))
    mask = assessments.fields_of_mask(call.arguments.get("update_mask"))
    try:
        changed = assessments.updated(existing, _given(call), mask, dialects.now_ms)
    except assessments.AssessmentError as error:
        return mlflow_errors.invalid(str(error))
    answer = yield from _note(changed, _trace(call), dialects)
    return jsontext.answer({"assessment": changed}) if answer.ok else answer


def _delete(call: Call, dialects: Dialects, tags: Mapping[str, str]) -> _Steps:
    trace = _trace(call)
    existing = assessments.find(tags, trace, _id(call))
    if existing is None:
        return jsontext.answer({})
    older = assessments.find(tags, trace, str(existing.get("overrides") or ""))
    if older is not None:
        answer = yield from _note({**older, "valid": True}, trace, dialects)
        if not answer.ok:
            return answer
    for key in notes.keys(tags, assessments.note_name(_id(call))):
        answer = yield Call("DeleteTraceTag", {"request_id": trace, "key": key})
        if not answer.ok and answer.status != 404:
            return answer
    return jsontext.answer({})


def _note(assessment: Mapping[str, Any], trace: str, dialects: Dialects) -> _Steps:
    answer = jsontext.answer({})
    for tag in assessments.note_tags(assessment, trace_infos.piece(dialects.server)):
        answer = yield Call("SetTraceTag", {"request_id": trace, **tag})
        if not answer.ok:
            break
    return answer


def _trace(call: Call) -> str:
    return str(call.arguments.get("trace_id") or "")


def _id(call: Call) -> str:
    return str(call.arguments.get("assessment_id") or "")


def _given(call: Call) -> Mapping[str, Any]:
    found = call.arguments.get("assessment")
    return found if isinstance(found, Mapping) else {}


def _absent(assessment_id: str, trace: str) -> Response:
    return mlflow_errors.absent(f"Assessment with ID '{assessment_id}' not found for trace '{trace}'")


_OF = {
    "CreateAssessment": _create,
    "GetAssessment": _get,
    "UpdateAssessment": _update,
    "DeleteAssessment": _delete,
}

CHANGE = VersionChange(
    name="keep_assessments_in_tags",
    operations=frozenset(_OF),
    servers=(trace_infos.V2_SINCE, before(trace_infos.V3_SINCE)),
    recipe=keep,
    emulates=True,
    lost="two updates of one assessment at the same moment: the later wins as a whole",
)
