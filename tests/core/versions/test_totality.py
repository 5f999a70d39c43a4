"""Every change copes with whatever clients and servers say: it ends in an answer or a refusal, never in a crash.

A crash of a change would be a 500 for the client, which clients repeat for minutes, and a stuck lane for the mirror.
Calls and answers are made from ones that a client or a server could send, with parts of them replaced by something
else: another type, nothing at all, a page in the place of JSON, an error.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Generator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.endpoints.spec import Match
from proxy.core.hidden_tags import PREFIX, public_id_value
from proxy.core.messages import Request, Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import notes, run_inputs, translate
from proxy.core.versions.bundle import CHANGES
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.experiment_tags import TOMBSTONE
from proxy.core.versions.logged_models import LoggedModel, tags_of
from proxy.core.versions.walk import Way, walk
from proxy.errors import CannotTranslateError, RequestError

MOST_REQUESTS = 400
RUN, TRACE, MODEL = "0f" * 16, "tr-" + "1e" * 16, "m-" + "2d" * 16
PLACE = f"3/{RUN}/artifacts"

LONG = "x" * 9000

JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**400, "NaN", "", "x", "7", "-1", "²", "1_0", "'\"`\\%", "\ud800", LONG),
    *([], [None], ["x"], [7], [[]], [{}], {}, {"x": None}, {"key": []}, {"key": {}, "value": []}),
    *(RUN, TRACE, MODEL, TOMBSTONE, "bm9uZQ==", "e30=", "WzFd", "eyJvZmZzZXQiOiAieCJ9", "\x00", "a" * 300),
)
"""What stands where something else was expected."""

_DATASET = {
    "dataset": {"name": "d", "digest": "e", "source_type": "local", "source": "s"},
    "tags": [{"key": "mlflow.data.context", "value": "training"}],
}
_ASSESSMENT = {
    "assessment_id": "a-1",
    "assessment_name": "good",
    "overrides": "a-2",
    "feedback": {"value": True},
    "source": {"source_type": "HUMAN"},
    "create_time": "2026-01-01T00:00:00Z",
}
_METRICS = [
    {"key": "a", "value": "NaN", "timestamp": "1", "step": 1, "model_id": MODEL, "dataset_name": "d"},
    {"key": "b", "value": 1.5, "timestamp": 2},
]
_NOTED_METRIC = json.dumps({"key": "a", "value": 1, "timestamp": 1, "step": 0, "model_id": MODEL})
_NOTES = [
    *tags_of(LoggedModel(MODEL, "m", "m", status="LOGGED_MODEL_READY", tags={"a": "b"}, params={"c": "d"})),
    *run_inputs.note_of(_DATASET, at=1, place=0),
    *notes.write("loggedModel", json.dumps({"model_id": MODEL, "source": f"models:/{MODEL}"})),
    *notes.write("trace", json.dumps({"request_time": "2026-01-01T00:00:00Z", "state": "OK", "request_preview": "x"})),
    *notes.write("assessment.a-1", json.dumps(_ASSESSMENT)),
    *notes.write("alias.best", "1"),
    *notes.write("aliased", "yes"),
    *notes.write("long.0123456789abcdef", "x" * 9000),
    {"key": f"{PREFIX}output.{MODEL}", "value": "1"},
    {"key": f"{PREFIX}input.{MODEL}", "value": "yes"},
    {"key": f"{PREFIX}modelMetric.{MODEL}.x", "value": _NOTED_METRIC},
    {"key": f"{PREFIX}publicId", "value": public_id_value(MODEL)},
]
_TAGS = [
    {"key": "mlflow.runName", "value": "n"},
    {"key": "mlflow.prompt.is_prompt", "value": "true"},
    {"key": "gone", "value": TOMBSTONE},
    {"key": "long", "value": "xxx... [tightrope 0123456789abcdef]"},
    {"key": "mlflow.artifactLocation", "value": f"mlflow-artifacts:/3/traces/{TRACE}/artifacts"},
    *_NOTES,
]
_SPAN = {
    "trace_id": "Hh4eHh4eHh4eHh4eHh4eHg==",
    "span_id": "Hh4eHh4eHh4=",
    "parent_span_id": None,
    "name": "s",
    "start_time_unix_nano": "1",
    "end_time_unix_nano": 2,
    "status": {"code": "STATUS_CODE_OK", "message": ""},
    "attributes": {"mlflow.spanInputs": '{"a": 1}'},
    "events": [{"name": "e", "time_unix_nano": 1, "attributes": {}}],
}
_TYPED = [
    {"key": "a", "value": {"array_value": {"values": [{"int_value": "7"}, {"string_value": "x"}]}}},
    {"key": "b", "value": {"kvlist_value": {"values": [{"key": "c", "value": {"bool_value": True}}]}}},
]
_INFO = {
    "run_id": RUN,
    "run_uuid": RUN,
    "experiment_id": "3",
    "status": "RUNNING",
    "start_time": "1",
    "end_time": 2,
    "lifecycle_stage": "deleted",
    "artifact_uri": f"mlflow-artifacts:/{PLACE}",
}
_MODEL_INFO = {
    "model_id": MODEL,
    "name": "m",
    "experiment_id": "3",
    "artifact_uri": f"mlflow-artifacts:/3/models/{MODEL}/artifacts",
}
_RUN = {"info": _INFO, "data": {"tags": _TAGS, "metrics": _METRICS, "params": []}, "inputs": {"dataset_inputs": []}}
_VERSION = {
    "name": "reg",
    "version": "1",
    "source": f"models:/{MODEL}",
    "aliases": ["best"],
    "tags": _TAGS,
    "last_updated_timestamp": "5",
}
_REGISTERED = {"name": "reg", "tags": _TAGS, "latest_versions": [_VERSION], "last_updated_timestamp": 5}
_EXPERIMENT = {"experiment_id": "3", "name": "e", "tags": _TAGS, "lifecycle_stage": "active", "creation_time": 4}
_TRACE_INFO = {
    "request_id": TRACE,
    "trace_id": TRACE,
    "experiment_id": "3",
    "timestamp_ms": "1",
    "execution_time_ms": 2,
    "status": "OK",
    "request_metadata": [{"key": "mlflow.sourceRun", "value": RUN}],
    "tags": _TAGS,
    "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "3"}},
    "request_time": "2026-01-01T00:00:00Z",
    "execution_duration": "1.5s",
    "state": "OK",
    "trace_metadata": {"mlflow.sourceRun": RUN},
    "assessments": [_ASSESSMENT],
    "request_preview": "x",
}
ANSWER: dict[str, Any] = {
    "run": _RUN,
    "runs": [_RUN, {"info": {**_INFO, "lifecycle_stage": "active"}}],
    "run_info": _INFO,
    "experiment_id": "3",
    "experiment": _EXPERIMENT,
    "experiments": [_EXPERIMENT, {"experiment_id": "4"}],
    "registered_model": _REGISTERED,
    "registered_models": [_REGISTERED],
    "model_version": _VERSION,
    "model_versions": [_VERSION, {"name": "reg", "version": "2"}],
    "model": {"info": _MODEL_INFO, "data": {}},
    "models": [{"info": _MODEL_INFO, "data": {}}],
    "metrics": _METRICS,
    "files": [{"path": "m", "is_dir": True}, {"path": "other.txt", "file_size": "3"}],
    "artifact_uri": f"mlflow-artifacts:/{PLACE}/m",
    "trace_info": _TRACE_INFO,
    "trace": {"trace_info": {**_TRACE_INFO, "tags": {"a": "b"}}},
    "traces": [{**_TRACE_INFO, "trace_info": _TRACE_INFO, "spans": [{**_SPAN, "attributes": _TYPED}]}],
    "spans": [_SPAN, {"context": {"span_id": "1e" * 8, "trace_id": "1e" * 16}, "status_code": "OK"}],
    "assessment": _ASSESSMENT,
    "next_page_token": "b",
}
"""All that an answer of any operation may hold, at once."""

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "run_id": (RUN,),
    "run_uuid": (RUN,),
    "run_name": ("n",),
    "status": ("READY", "2", "FINISHED"),
    "end_time": (1,),
    "experiment_id": ("3", 3),
    "experiment_ids": (["3"], [3, "4"]),
    "filter": (
        *("", "status = 'FINISHED'", "tags.a IS NULL", "metrics.a > 1 AND params.b LIKE '%'", "name = 'x'"),
        *("attributes.run_id IN ('a', 'b')", "tags.`a b` != 'x'", "metrics.a > 'x'", "version_number >= 1"),
        *("creation_time > 5", "trace.client_request_id = 'x'", "feedback.a = 'b'", "run_id = 'x'", "prompt = 'x/1'"),
        *("source_run_id = 'x'", "datasets.name = 'd'", "end_time > 1 AND status IN ('OK')", "span.name = 'x'"),
        *("name LIKE '%' AND tag.`mlflow.prompt.is_prompt` != 'true'", "start_time > x", "experiment_id = '3'"),
    ),
    "order_by": (
        *(["name ASC"], ["metrics.a DESC"], ["timestamp"], ["start_time DESC"], ["creation_time"], ["end_time"]),
        *([{"field_name": "name"}], [{"field_name": "metrics.a", "dataset_name": "d"}], ["Created", "attribute.x"]),
    ),
    "max_results": (1, "2", 1000, 100000),
    "page_token": ("eyJvZmZzZXQiOiAxfQ==", "eyJvZmZzZXQiOiA1LCAicGFnZSI6ICJhIiwgInVzZWQiOiAxfQ=="),
    "view_type": ("ALL",),
    "stages": ([], ["None"]),
    "key": ("k",),
    "value": ("v", "NaN", LONG, 1.5),
    "tags": ([{"key": "mlflow.runName", "value": "n"}], [{"key": "k", "value": LONG}], {"k": "v"}, _TAGS),
    "params": ([{"key": "k", "value": LONG}],),
    "metrics": (_METRICS,),
    "timestamp": (1,),
    "step": (1,),
    "model_id": (MODEL,),
    "name": ("reg",),
    "version": ("1", 1),
    "alias": ("best",),
    "source": (f"models:/{MODEL}", f"mlflow-artifacts:/{PLACE}/m", "dummy-source", "models:/reg/1"),
    "experiment_name": ("e",),
    "datasets": ([_DATASET], [{"dataset_name": "d", "dataset_digest": "e"}]),
    "models": ([{"model_id": MODEL, "step": 1}],),
    "source_run_id": (RUN,),
    "model_type": ("agent",),
    "tag_key": ("a",),
    "path": ("", "m", PLACE, f"{PLACE}/m", f"3/models/{MODEL}/artifacts", f"3/models/{MODEL}/artifacts/a"),
    "artifact_path": (f"{PLACE}/m/a", f"3/models/{MODEL}/artifacts/ä", f"3/traces/{TRACE}/artifacts/traces.json"),
    "artifact_directory_path": ("", "a"),
    "metric_key": ("a",),
    "trace_id": (TRACE,),
    "request_id": (TRACE,),
    "trace_ids": ([TRACE],),
    "prompt_versions": ([{"name": "p", "version": "1"}],),
    "trace": ({"trace_info": _TRACE_INFO},),
    "assessment": (_ASSESSMENT,),
    "assessment_id": ("a-1",),
    "update_mask": ("feedback,assessmentName", {"paths": ["metadata"]}),
    "locations": ([{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "3"}}],),
    "allow_deleted": ("true",),
}
"""What the arguments of calls may be when they are well formed."""

ERRORS = (
    (500, b"<html>Internal Server Error</html>"),
    (404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"}'),
    (404, b"<!doctype html>"),
    (400, b'{"error_code": "INVALID_PARAMETER_VALUE", "message": []}'),
    (500, b'{"error_code": "INVALID_STATE"}'),
    (500, b'{"error_code": [], "message": "2 failures occurred while downloading: No such file or directory"}'),
    (500, b"[1]"),
    (401, b""),
    (200, b""),
    (200, b"<html>"),
    (200, b"null"),
    (200, b'"text"'),
    (200, b"{}"),
    (200, b"[{}]"),
    (200, b"\xff\xfe"),
)


def spoiled(document: Any, chance: random.Random, share: float) -> Any:
    """The document with about this share of its parts replaced by junk, or left out."""
    if chance.random() < share:
        return copy.deepcopy(chance.choice(JUNK))
    if isinstance(document, dict):
        return {name: spoiled(value, chance, share) for name, value in document.items() if chance.random() > share / 2}
    if isinstance(document, list):
        return [spoiled(value, chance, share) for value in document]
    return document


def arguments(chance: random.Random) -> dict[str, Any]:
    """Those of a call; its names are ones that calls have."""
    share = chance.choice((0.0, 0.02, 0.1))
    left_out = chance.choice((0.0, 0.3, 0.7))
    given = {name: chance.choice(values) for name, values in ARGUMENTS.items() if chance.random() > left_out}
    return {name: spoiled(value, chance, share) for name, value in given.items()}


def answered(chance: random.Random) -> Response:
    """An answer of a server."""
    if chance.random() < 0.15:
        status, body = chance.choice(ERRORS)
        return Response(status, (), body)
    document = spoiled(ANSWER, chance, chance.choice((0.0, 0.005, 0.03, 0.2)))
    if isinstance(document, dict):
        document["next_page_token"] = chance.choice(("", None, "a", "b", "c", 7))
    return Response(chance.choice((200, 200, 200, 404, 500)), (), json.dumps(document).encode())


def ends(ones: tuple[Version | None, Version | None]) -> list[Version]:
    """The oldest and the newest of a range."""
    return [ones[0] or Version(1, 20, 2), ones[1] or Version(3, 17, 2)]


def play(steps: Generator[Request, Response, Any], chance: random.Random) -> Any:
    """Answer whatever is asked, for as long as it may take."""
    try:
        next(steps)
        for _ in range(MOST_REQUESTS):
            steps.send(answered(chance))
    except StopIteration as done:
        return done.value
    except (CannotTranslateError, RequestError):
        return Response(400)
    pytest.fail(f"asked more than {MOST_REQUESTS} times")


def converse(change: VersionChange, chance: random.Random) -> None:
    """One call through a change, from the top of the bundle or from the change itself."""
    operation = chance.choice(sorted(change.operations))
    dialects = Dialects(
        chance.choice((None, *ends(change.clients))),
        chance.choice(ends(change.servers)),
        emulated=True,
        token="5c" * 16,
        now_ms=1,
    )
    call = Call(operation, arguments(chance))
    start = chance.choice((0, CHANGES.index(change)))
    answer = play(walk(call, Way(dialects, "api", (), []), start), chance)
    assert isinstance(answer, Response)


def detour(change: VersionChange, chance: random.Random) -> None:
    """The same for the bytes of an artifact."""
    operation = CATALOGUE[chance.choice(sorted(change.operations))]
    dialects = Dialects(
        chance.choice((None, *ends(change.clients))), chance.choice(ends(change.servers)), emulated=True
    )
    path = chance.choice((*ARGUMENTS["artifact_path"], "", "x", "/", "a//b"))
    match = Match(operation, operation.routes[0], {"artifact_path": path})
    found = play(translate.detour(match, dialects, [], missing=chance.random() < 0.5), chance)
    assert found is None or isinstance(found, Response | Call)
    translate.translate_answer(answered(chance), match, dialects)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_a_change_ends_in_an_answer_or_a_refusal(change, seed):
    """Whatever the call and the answers look like, and within a bounded number of requests."""
    chance = random.Random(seed)
    streamed = all(CATALOGUE[name].streamed for name in change.operations)
    play_one: Callable[[VersionChange, random.Random], None] = detour if streamed else converse
    for _ in range(5):
        play_one(change, chance)
