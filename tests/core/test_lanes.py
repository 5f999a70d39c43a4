"""Which queue a write stands in, and which it waits for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy.core.endpoints.catalogue import match
from proxy.core.endpoints.spec import Lane, Match
from proxy.core.lanes import artifact_path, copied_from, created_lane, lane_of, lanes_of
from proxy.core.messages import Request
from proxy.core.versions.calls import read_call

RUN = "0f3c5a7b9d1e2f4a6b8c0d2e4f6a8b0c"
TRACE = f"tr-{RUN}"
MODEL = f"m-{RUN}"
API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"


def found(method: str, path: str) -> Match:
    known = match(method, path)
    assert known is not None
    return known


def lanes(line: str, body: Any = None) -> tuple[str, tuple[str, ...]]:
    """The lanes of ``"METHOD target"`` with a JSON body."""
    method, target = line.split(" ", 1)
    path, _, query = target.partition("?")
    known = found(method, path)
    data = b"" if body is None else json.dumps(body).encode()
    return lanes_of(known, read_call(known, Request(method, path, query, (), data)))


@pytest.mark.parametrize(
    ("line", "body", "lane", "after"),
    [
        (f"POST {API}/runs/log-metric", {"run_id": RUN}, f"run:{RUN}", ()),
        (f"POST {API}/runs/log-metric", {"run_uuid": RUN}, f"run:{RUN}", ()),
        (f"POST {API}/runs/log-metric", {"run_id": "", "run_uuid": RUN}, f"run:{RUN}", ()),
        (f"POST {API}/runs/log-metric", {"run_id": RUN, "run_uuid": RUN}, f"run:{RUN}", ()),
        (f"POST {API}/runs/log-metric", {"run_id": RUN, "model_id": MODEL}, f"run:{RUN}", (f"logged_model:{MODEL}",)),
        (
            f"POST {API}/runs/log-batch",
            {
                "run_id": RUN,
                "metrics": [{"key": "a", "model_id": MODEL}, {"key": "b"}, {"key": "c", "model_id": MODEL}],
            },
            f"run:{RUN}",
            (f"logged_model:{MODEL}",),
        ),
        (f"POST {API}/experiments/update", {"experiment_id": "3"}, "experiment:3", ()),
        (f"POST {API}/experiments/update", {"experiment_id": 3}, "experiment:3", ()),
        (
            "POST /api/3.0/mlflow/traces",
            {"trace": {"trace_info": {"trace_id": TRACE, "trace_metadata": {"mlflow.sourceRun": RUN, "a": "b"}}}},
            f"trace:{TRACE}",
            (f"run:{RUN}",),
        ),
        (
            f"POST {API}/traces",
            {"experiment_id": "3", "request_metadata": [{"key": "mlflow.sourceRun", "value": RUN}, {"key": "a"}, 7]},
            "",
            ("experiment:3", f"run:{RUN}"),
        ),
        (f"PATCH {API}/traces/{TRACE}", {"request_metadata": "odd"}, f"trace:{TRACE}", ()),
        (f"POST {API}/registered-models/create", {"name": "m/1"}, "registered_model:m/1", ()),
        (
            f"POST {API}/model-versions/create",
            {"name": "copy", "source": "models:/the original/2"},
            "registered_model:copy",
            ("registered_model:the original",),
        ),
        (f"PATCH {API}/model-versions/update", {"name": "m", "version": "2"}, "registered_model:m", ()),
        (
            f"POST {API}/model-versions/create",
            {"name": "m", "run_id": RUN, "model_id": MODEL},
            "registered_model:m",
            (f"run:{RUN}", f"logged_model:{MODEL}"),
        ),
        (f"PATCH {API}/logged-models/{MODEL}", {"status": "READY"}, f"logged_model:{MODEL}", ()),
        (
            f"POST {API}/runs/outputs",
            {"run_id": RUN, "models": [{"model_id": "m-1"}, {"model_id": "m-2"}]},
            f"run:{RUN}",
            ("logged_model:m-1", "logged_model:m-2"),
        ),
        (f"PATCH {API}/traces/{RUN}/tags", {"key": "a"}, f"trace:{RUN}", ()),
        (f"POST {API}/traces/delete-traces", {"experiment_id": "3"}, "experiment:3", ()),
    ],
)
def test_a_write_stands_in_the_lane_of_its_subject(line, body, lane, after):
    """The first id or name that the request gives decides, and further objects it builds on are waited for."""
    assert lanes(line, body) == (lane, after)


def test_a_trace_that_brings_its_id_has_a_lane_at_once():
    """Version-3 traces are named by the client, so their create stands in the trace's lane, after its experiment."""
    info = {"trace_id": TRACE, "trace_location": {"type": 1, "mlflow_experiment": {"experiment_id": "3"}}}
    body = {"trace": {"trace_info": info}}
    assert lanes("POST /api/3.0/mlflow/traces", body) == (f"trace:{TRACE}", ("experiment:3",))


@pytest.mark.parametrize(
    ("line", "body", "after"),
    [
        (f"POST {API}/experiments/create", {"name": "x"}, ()),
        (f"POST {API}/runs/create", {"experiment_id": "3"}, ("experiment:3",)),
        (f"POST {API}/logged-models", {"experiment_id": "3", "source_run_id": RUN}, ("experiment:3", f"run:{RUN}")),
        (f"POST {API}/logged-models", {"experiment_id": "3", "source_run_id": ""}, ("experiment:3",)),
    ],
)
def test_a_create_has_no_lane_until_its_answer(line, body, after):
    """What a server will name has no lane yet, but it waits for what it is made in."""
    assert lanes(line, body) == ("", after)


@pytest.mark.parametrize(
    ("path", "answer", "lane"),
    [
        ("runs/create", {"run": {"info": {"run_id": RUN}}}, f"run:{RUN}"),
        ("experiments/create", {"experiment_id": "3"}, "experiment:3"),
        ("logged-models", {"model": {"info": {"model_id": MODEL}}}, f"logged_model:{MODEL}"),
        ("runs/create", {"run": {}}, ""),
        ("runs/create", None, ""),
        ("registered-models/create", {"registered_model": {"name": "m"}}, ""),
    ],
)
def test_the_answer_names_the_lane_of_a_create(path, answer, lane):
    """The lane is that of the id which the answer mints, none when it mints none."""
    assert created_lane(found("POST", f"{API}/{path}"), answer) == lane


@pytest.mark.parametrize(
    ("path", "lane", "after"),
    [
        (f"3/{RUN}/artifacts/a/b.txt", f"run:{RUN}", ("experiment:3",)),
        (f"3/models/{MODEL}/artifacts/model.pkl", f"logged_model:{MODEL}", ("experiment:3",)),
        (f"3/traces/{TRACE}/artifacts/traces.json", f"trace:{TRACE}", ("experiment:3",)),
        ("3/traces/tr-my-own/artifacts/traces.json", "trace:tr-my-own", ("experiment:3",)),
        (f"workspaces/team/3/{RUN}/artifacts/x", f"run:{RUN}", ("experiment:3",)),
        (f"elsewhere/{RUN}/artifacts/x", f"run:{RUN}", ()),
        ("folder/file", "other:folder", ()),
        ("3/file", "other:3", ("experiment:3",)),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_artifacts_stand_in_the_lane_of_their_owner(method, path, lane, after):
    """A file is written and deleted in the order of the run, model or trace it belongs to, after its experiment."""
    assert lanes(f"{method} {ARTIFACTS}/{path}") == (lane, after)


def test_an_upload_by_the_ui_stands_in_its_runs_lane():
    """The UI names the run and a path below it; the order of the run holds for such files as well."""
    assert lanes(f"POST /ajax-api/2.0/mlflow/upload-artifact?run_uuid={RUN}&path=3/x.json") == (f"run:{RUN}", ())


def test_the_artifact_path_of_a_write():
    """It comes decoded, from the path of the request."""
    known = found("PUT", f"{ARTIFACTS}/3/{RUN}/artifacts/a%20b")
    assert artifact_path(known, {}) == f"3/{RUN}/artifacts/a b"


@pytest.mark.parametrize("value", [["x"], {"a": 1}, None, 1.5, [], ""])
def test_a_subject_of_the_wrong_type_raises_nothing(value):
    """A request that the server will refuse still gets a lane: that of its operation."""
    assert lanes(f"POST {API}/runs/log-metric", {"run_id": value}) == ("other:LogMetric", ())


def test_a_subject_given_twice_in_a_query_raises_nothing():
    """A repeated field is a list, which names no object."""
    lane, after = lanes(f"POST /ajax-api/2.0/mlflow/upload-artifact?run_uuid={RUN}&run_uuid=x&path=y")
    assert (lane, after) == ("other:UploadArtifactUi", ())


def test_a_lane_can_be_stored_whatever_its_name():
    """Characters that no database takes are replaced in the lane; equal names still share one."""
    assert lane_of(Lane.REGISTERED_MODEL, "a\ud800b") == "registered_model:a?b"
    assert lane_of(Lane.RUN, "ä") == "run:ä"


def test_what_a_version_was_copied_from():
    """Only a version of a model by its number."""
    assert copied_from("models:/the original/2") == ("the original", "2")
    others = ("models:/m/Production", "models:/m@champion", f"models:/{MODEL}", "runs:/r/m", "s3://b/models:/m/1", None)
    assert [copied_from(source) for source in others] == [None] * len(others)
