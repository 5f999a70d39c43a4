"""Runs brought from one side to the other, and doing it again changes nothing."""

from __future__ import annotations

import pytest

from proxy.core.messages import Side
from proxy.errors import (
    NotReachedError,
    ServerFailedError,
    SyncFailedError,
    UpstreamError,
)
from tests.fakes.tracking_server import Fault, TrackingServer, error_body

RUN = "a" * 32
BLUE = Side.BLUE


def changes(server: TrackingServer) -> list[str]:
    """The requests that were meant to change something."""
    reads = ("/get", "/search", "/health", "/version", "get-history", "get-by-name")
    return [
        one.path
        for one in server.requests
        if one.method != "GET" and not one.path.endswith(reads) and "/artifacts?" not in one.path
    ]


@pytest.fixture
def full(sides):
    """A run on blue with everything that a run can have."""
    store = sides.blue.store
    number = store.add_experiment("e", "4")
    store.experiments[number]["tags"] = [{"key": "team", "value": "x"}]
    store.add_run("4", RUN, run_name="r", status="FINISHED", start_time=5, end_time=9)
    held = store.runs[RUN]
    held["params"] = {f"p{index}": "1" for index in range(150)}
    held["tags"] = {"t": "v", "mlflow.runName": "r"}
    points = [{"key": "loss", "value": index / 2, "timestamp": index, "step": index} for index in range(1200)]
    held["metrics"] = {"loss": points, "acc": [{"key": "acc", "value": 1.0, "timestamp": 1, "step": 0}]}
    sides.blue.artifacts = {f"4/{RUN}/artifacts/a.txt": b"1", f"4/{RUN}/artifacts/dir/b.txt": b"22"}
    return sides


def twin(sides) -> str:
    (found,) = sides.green.store.twins_of(RUN)
    return str(found)


async def test_a_run(full):
    """Params, tags, every metric point, status, times, artifacts; within the limits of one batch."""
    await full.syncer.run(RUN, BLUE)
    here, there = full.blue.store.runs[RUN], full.green.store.runs[twin(full)]
    assert there["params"] == here["params"]
    assert {key: value for key, value in there["tags"].items() if "tightrope" not in key}["t"] == "v"
    assert {key: sorted(each, key=str) for key, each in there["metrics"].items()} == {
        key: sorted(each, key=str) for key, each in here["metrics"].items()
    }
    assert [there["info"][key] for key in ("status", "start_time", "end_time", "run_name")] == ["FINISHED", 5, 9, "r"]
    number = there["info"]["experiment_id"]
    assert full.green.store.experiments[number]["name"] == "e"
    assert full.green.artifacts == {
        f"{number}/{twin(full)}/artifacts/a.txt": b"1",
        f"{number}/{twin(full)}/artifacts/dir/b.txt": b"22",
    }
    for batch in full.green.seen("log-batch"):
        assert len(batch.json["params"]) <= 100
        assert sum(len(batch.json[kind]) for kind in ("params", "tags", "metrics")) <= 1000


async def test_again(full):
    """A second time nothing is written, and no run is made."""
    await full.syncer.run(RUN, BLUE)
    full.green.requests.clear()
    await full.syncer.run(RUN, BLUE)
    assert changes(full.green) == []
    assert len(full.green.store.runs) == 1


async def test_inputs(full):
    """Datasets that the twin lacks are logged to it."""
    dataset = {"dataset": {"name": "n", "digest": "d", "source_type": "local", "source": "{}"}, "tags": []}
    full.blue.store.runs[RUN]["inputs"] = {"dataset_inputs": [dataset]}
    full.green.break_("log-inputs", Fault.ANSWER, status=200, body=b"{}")
    await full.syncer.run(RUN, BLUE)
    (logged,) = full.green.seen("log-inputs")
    assert logged.json == {"run_id": twin(full), "datasets": [dataset]}


async def test_what_changed_since(full):
    """A tag that is gone, a param and points that are new, a deletion."""
    await full.syncer.run(RUN, BLUE)
    held = full.blue.store.runs[RUN]
    del held["tags"]["t"]
    held["params"]["new"] = "2"
    held["metrics"]["loss"].append({"key": "loss", "value": 7.0, "timestamp": 5000, "step": 1})
    held["info"]["lifecycle_stage"] = "deleted"
    full.blue.artifacts[f"4/{RUN}/artifacts/a.txt"] = b"longer"
    await full.syncer.run(RUN, BLUE)
    there = full.green.store.runs[twin(full)]
    assert "t" not in there["tags"]
    assert there["params"]["new"] == "2"
    assert len(there["metrics"]["loss"]) == 1201
    assert there["info"]["lifecycle_stage"] == "deleted"
    assert b"longer" in full.green.artifacts.values()
    await full.syncer.run(RUN, BLUE)
    assert there["info"]["lifecycle_stage"] == "deleted"


async def test_a_twin_that_nobody_remembers(full):
    """With an empty id map, as after its loss, the run is found by its hidden tag."""
    await full.syncer.run(RUN, BLUE)
    before = twin(full)
    full.ids.entries.clear()
    await full.identity.start()
    full.identity._public.clear()
    await full.syncer.run(RUN, BLUE)
    assert twin(full) == before


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, error_body("INVALID_PARAMETER_VALUE"), SyncFailedError),
        (403, b"no", SyncFailedError),
        (500, b"<html>", ServerFailedError),
        (503, b"busy", UpstreamError),
        (429, b"slowly", UpstreamError),
    ],
)
@pytest.mark.parametrize("probe", ["runs/get", "runs/search", "runs/create", "log-batch", "get-by-name"])
async def test_an_answer_that_is_no_success(full, probe, status, body, expected):
    """A refusal is told from a server that fails, at every step; whatever it was, a second try completes the run."""
    full.green.break_(probe, Fault.ANSWER, times=1, status=status, body=body)
    with pytest.raises(expected) as raised:
        await full.syncer.run(RUN, BLUE)
    assert isinstance(raised.value, UpstreamError) == (status in {429, 500, 503})
    await full.syncer.run(RUN, BLUE)
    assert len(full.green.store.runs) == len(full.green.store.named("e")) == 1
    assert full.green.store.runs[twin(full)]["params"] == full.blue.store.runs[RUN]["params"]


async def test_a_side_that_is_down(full):
    """It is said as such, so that the caller comes again."""
    await full.green.refuse()
    with pytest.raises(NotReachedError):
        await full.syncer.run(RUN, BLUE)
