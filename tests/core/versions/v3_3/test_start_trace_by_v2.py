"""Traces of 3.x clients on servers that mint the ids of traces."""

from __future__ import annotations

from typing import Any

from proxy.core import hidden_tags
from proxy.core.endpoints import catalogue
from proxy.core.endpoints.spec import Match
from proxy.core.messages import Request
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, translate
from proxy.core.versions.change import Dialects
from tests.golden import recorded


def matched(method: str, path: str) -> Match:
    """The operation of a request that the catalogue knows."""
    found = catalogue.match(method, path)
    assert found is not None
    return found


START = "POST /api/3.0/mlflow/traces"
V2 = "POST /api/2.0/mlflow/traces"
TRACE = "tr-031682e8febc2988a983665233a16d29"
END = f"PATCH /api/2.0/mlflow/traces/{TRACE}"
GET = f"GET /api/2.0/mlflow/traces/{TRACE}/info"
ABSENT = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"Trace with request_id '{TRACE}' not found."})


def asked(**changed: Any) -> Any:
    info = recorded("traces/whole_3_17.json")["trace"]["trace_info"]
    return {"trace": {"trace_info": {**info, **changed}}}


def shown(**changed: Any) -> Any:
    info = {"request_id": TRACE, "experiment_id": "1", "timestamp_ms": 1795553120564, "execution_time_ms": 11}
    location = {"key": "mlflow.artifactLocation", "value": f"mlflow-artifacts:/1/traces/{TRACE}/artifacts"}
    return {"trace_info": {**info, "status": "OK", "request_metadata": [], "tags": [location], **changed}}


def test_a_trace_is_begun_and_ended(talk):
    """Times, state, metadata and tags arrive; tags that only a server may set do not."""
    played = talk(START, asked(), client="3.17.2", server="2.22.4", answers=(ABSENT, shown(), shown()))
    assert [line for line, _ in played.sent] == [GET, V2, END]
    begun, ended = played.sent[1][1], played.sent[2][1]
    assert (begun["experiment_id"], begun["timestamp_ms"]) == ("1", 1795553120564)
    assert {"key": "mlflow.user", "value": "root"} in begun["request_metadata"]
    keys = {tag["key"] for tag in begun["tags"]}
    assert keys == {"mlflow.traceName", "mlflow.tightrope.trace", hidden_tags.PUBLIC_ID_TAG}
    assert (ended["timestamp_ms"], ended["status"]) == (1795553120575, "OK")
    info = played.body["trace"]["trace_info"]
    assert (info["trace_id"], info["state"], info["execution_duration"]) == (TRACE, "OK", "0.011s")
    assert info["tags"]["mlflow.artifactLocation"].endswith(f"{TRACE}/artifacts")
    assert played.changes == ["start_trace_by_v2"]


def test_the_create_is_known_by_the_clients_id():
    """So that the id map makes it out of the server's."""
    found = matched("POST", "/api/3.0/mlflow/traces")
    request = Request("POST", "/api/3.0/mlflow/traces", "", (), jsontext.write(asked()))
    translation = translate.plan(found, request, Dialects(Version(3, 17, 2), Version(2, 22, 4)))
    assert translation is not None
    steps = translation.run()
    next(steps)
    assert steps.send(jsontext.answer({}, status=404)).known_as == TRACE


def test_a_trace_that_is_there_is_ended_once_more(talk):
    """A repeated create merges, as on newer servers, and the answer shows the result."""
    tagged = shown(tags=[{"key": "a", "value": "b"}])
    played = talk(START, asked(), client="3.17.2", server="2.22.4", answers=(shown(), shown(), tagged))
    assert [line for line, _ in played.sent] == [GET, END, GET]
    assert {"key": "mlflow.traceName", "value": "outer"} in played.sent[1][1]["tags"]
    assert played.body["trace"]["trace_info"]["tags"] == {"a": "b"}


def test_a_trace_under_way_is_only_begun(talk):
    """It will be ended later."""
    played = talk(
        START,
        asked(state="IN_PROGRESS"),
        client="3.17.2",
        server="2.14.3",
        answers=(ABSENT, shown(status="IN_PROGRESS")),
    )
    assert [line for line, _ in played.sent] == [GET, V2]
    assert played.body["trace"]["trace_info"]["state"] == "IN_PROGRESS"


def test_assessments_come_along_with_ids_of_their_own(talk):
    """Each gets its own id, and stands on the trace."""
    two = [{"assessment_name": name, "feedback": {"value": 1}} for name in ("a", "b")]
    played = talk(START, asked(assessments=two), client="3.17.2", server="2.22.4", answers=(ABSENT, shown(), shown()))
    keys = {tag["key"] for tag in played.sent[1][1]["tags"]}
    assert {f"mlflow.tightrope.assessment.a-{number:032x}" for number in (0, 1)} <= keys


def test_what_the_server_refuses_is_the_answer(talk):
    """Nothing is ended that was not begun."""
    refused = (400, {"error_code": "INVALID_STATE"})
    played = talk(START, asked(), client="3.17.2", server="2.22.4", answers=(ABSENT, refused))
    assert played.status == 400
    assert (
        talk(START, asked(), client="3.17.2", server="2.22.4", answers=(ABSENT, (200, b"x"), (200, b"x"))).body == b"x"
    )


def test_bad_assessments_are_refused_before_anything_is_sent(talk):
    """As newer servers refuse them."""
    played = talk(START, asked(assessments=[{"assessment_name": "a"}]), client="3.17.2", server="2.22.4")
    assert (played.status, played.sent) == (400, [])


def test_odd_assessments_are_passed_over(talk):
    """What is no list holds none."""
    played = talk(START, asked(assessments=7), client="3.17.2", server="2.22.4", answers=(ABSENT, shown(), shown()))
    assert played.status == 200
