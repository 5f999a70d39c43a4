"""What the following side is given for each kind of write, and what its answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy.core.messages import Side
from proxy.core.writes import State
from tests.fakes.running_proxy import Bench
from tests.fakes.tracking_server import ARTIFACTS, Fault, error_body
from tests.golden import recorded


@pytest.fixture
async def window(bench: Bench) -> Bench:
    """Blue has an experiment, a run and a model from before; green was made without them."""
    blue = bench.blue.store
    blue.add_experiment("old", "5")
    blue.next_experiment = 6
    blue.add_run("5", "a" * 32, run_name="old run", start_time=77)
    blue.runs["a" * 32]["params"]["p"] = "1"
    blue.do("registered-models/create", {"name": "m"})
    for _ in range(3):
        blue.do("model-versions/create", {"name": "m", "source": "s3://x"})
    blue.do("model-versions/delete", {"name": "m", "version": "2"})
    return bench


async def test_a_run_is_made_as_blue_made_it(bench):
    """What blue chose by itself (the name, the start) is what green is told; the hidden tag names the public id."""
    run = await bench.create_run(tags=[{"key": "t", "value": "v"}], start_time=1234, user_id="ann")
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    made, copy = bench.blue.store.runs[run], bench.green.store.runs[twin]
    assert {key: copy["info"][key] for key in ("run_name", "start_time", "user_id")} == {
        key: made["info"][key] for key in ("run_name", "start_time", "user_id")
    }
    assert copy["tags"] == {"t": "v", "mlflow.tightrope.publicId": f"id{run}"}
    assert made["tags"] == {"t": "v"}


async def test_an_object_older_than_the_window(window):
    """A write to a run that green lacks brings the run as it is, with its experiment, this write's effect included."""
    await window.log("a" * 32, 3)
    await window.settled()
    (twin,) = window.green.store.twins_of("a" * 32)
    copy = window.green.store.runs[twin]
    assert (copy["info"]["run_name"], copy["info"]["start_time"], copy["params"]) == ("old run", 77, {"p": "1"})
    assert window.green.store.points(twin) == [3]
    assert window.green.store.named("old") == [copy["info"]["experiment_id"]]
    assert await window.states() == ["mirrored"]


async def test_a_broken_foreign_key_says_that_the_object_is_not_there(window):
    """So servers put it for traces: with 400 and the words of their database."""
    words = error_body("BAD_REQUEST", "(sqlite3.IntegrityError) FOREIGN KEY constraint failed")
    window.green.break_("runs/log-metric", Fault.ANSWER, times=1, status=400, body=words)
    await window.log("a" * 32, 3)
    await window.settled()
    (twin,) = window.green.store.twins_of("a" * 32)
    assert window.green.store.points(twin) == [3]
    assert await window.states() == ["mirrored"]


@pytest.mark.parametrize("probe", ["experiments/get-by-name", "runs/get", "runs/search", "experiments/create"])
@pytest.mark.parametrize("status", [500, 503, 429])
async def test_green_stumbles_while_an_object_is_brought(window, probe, status):
    """A server error on the way is tried again: it does not mean "not there", and it parks nothing."""
    window.green.break_(probe, Fault.ANSWER, times=3, status=status)
    await window.log("a" * 32, 3)
    await window.settled()
    assert await window.states() == ["mirrored"]
    assert len(window.green.store.twins_of("a" * 32)) == 1
    assert len(window.green.store.named("old")) == 1


async def test_a_run_that_both_sides_have(bench):
    """In a green restored from a copy ids are equal, and a server error does not make a second run."""
    for server in (bench.blue, bench.green):
        server.store.add_run("0", "b" * 32)
    bench.green.break_("log-metric", Fault.ANSWER, times=1, status=404, body=error_body("RESOURCE_DOES_NOT_EXIST"))
    bench.green.break_("runs/get", Fault.ANSWER, times=2, status=500)
    await bench.log("b" * 32, 1)
    await bench.settled()
    assert list(bench.green.store.runs) == ["b" * 32]
    assert bench.green.store.points("b" * 32) == [1]


async def test_an_experiment_that_is_there_by_name(bench):
    """A create whose name green has already means that experiment from then on."""
    local = bench.green.store.add_experiment("e", "9")
    public = await bench.create_experiment("e")
    run = await bench.create_run(public)
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.runs[twin]["info"]["experiment_id"] == local
    assert len(bench.green.store.named("e")) == 1


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.CUT, Fault.ANSWER_AFTER])
async def test_a_create_that_green_took_without_saying_so(bench, fault):
    """Its twin is found by the hidden tag or by its name, and nothing is made twice."""
    await bench.post("registered-models/create", name="m")
    await bench.settled()
    for operation in ("experiments/create", "runs/create", "registered-models/create", "model-versions/create"):
        bench.green.break_(operation, fault, times=1, status=502)
    experiment = await bench.create_experiment("e")
    run = await bench.create_run(experiment)
    await bench.post("registered-models/create", name="n")
    await bench.post("model-versions/create", name="m", source="s3://x")
    await bench.post("model-versions/set-tag", name="m", version="1", key="t", value="v")
    await bench.log(run, 1)
    await bench.settled()
    green = bench.green.store
    assert set(await bench.states()) == {"mirrored"}
    assert (len(green.named("e")), len(green.runs), sorted(green.models)) == (1, 1, ["m", "n"])
    assert [one["version"] for one in green.versions["m"]] == ["1"]
    assert {"key": "t", "value": "v"} in green.versions["m"][0]["tags"]
    assert green.points(green.twins_of(run)[0]) == [1]


async def test_deletions_that_green_took_without_saying_so(bench):
    """A repeat that finds nothing more is a success."""
    run = await bench.create_run()
    await bench.post("runs/set-tag", run_id=run, key="t", value="v")
    await bench.settled()
    bench.green.break_("delete-tag", Fault.RESET_AFTER, times=1)
    await bench.post("runs/delete-tag", run_id=run, key="t")
    await bench.settled()
    assert set(await bench.states()) == {"mirrored"}
    assert "t" not in bench.green.store.runs[bench.green.store.twins_of(run)[0]]["tags"]


async def test_spans_that_blue_holds_itself_become_a_file(tmp_path):
    """The client was told that it need not write one, and green knows files only."""
    whole = recorded("traces/whole_3_17.json")
    started = {"trace": {"trace_info": whole["trace"]["trace_info"]}}
    trace = started["trace"]["trace_info"]["trace_id"]
    async with Bench(tmp_path, green={"version": "3.3.2"}) as bench:
        bench.blue.store.add_experiment("e", "1")
        bench.green.store.add_experiment("e", "1")
        for side in (bench.blue, bench.green):
            side.break_(
                "/api/3.0/mlflow/traces/batchGet", Fault.ANSWER, status=200, body=_json({"traces": [whole["trace"]]})
            )
            side.break_("/api/3.0/mlflow/traces", Fault.ANSWER, status=200, body=_json(started))
        told = {"Content-Type": "application/json"}
        answer = await bench.send("POST", "/api/3.0/mlflow/traces", _json(started), told)
        assert answer.status == 200
        await bench.settled()
        (content,) = bench.green.artifacts.values()
        assert json.loads(content) == recorded("traces/file_3_17.json")
        assert list(bench.green.artifacts) == [f"1/traces/{trace}/artifacts/traces.json"]
        assert set(await bench.states()) == {"mirrored"}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


async def test_what_green_cannot_hold(tmp_path):
    """It is skipped with that reason and counted, and everything else goes on."""
    async with Bench(tmp_path, green={"version": "1.30.1"}) as bench:
        bench.green.version = "1.30.1"
        await bench.post("registered-models/create", name="m")
        bench.blue.break_("label-schemas", Fault.ANSWER, times=1, status=200, body=b"{}")
        path = "/api/3.0/mlflow/label-schemas/update"
        assert (await bench.send("PATCH", path, b'{"schema_id": "ls-1"}')).status == 200
        await bench.settled()
        assert await bench.states() == ["mirrored", "skipped"]
        assert (await bench.records(State.SKIPPED))[0].reason == "cannot_hold"
        assert await bench.metric('tightrope_mirror_skipped_total{reason="cannot_hold"}') == 1
        assert bench.green.seen("label-schemas") == []


async def test_an_artifact_that_is_gone_again(bench):
    """What was deleted on blue before its copy was made is not there to copy: skipped, and the deletion follows."""
    run = await bench.create_run()
    await bench.settled()
    path = f"{ARTIFACTS}/0/{run}/artifacts/a"
    await bench.green.refuse()
    await bench.send("PUT", path, b"x")
    await bench.send("DELETE", path)
    await bench.green.listen()
    await bench.settled()
    assert await bench.states() == ["mirrored", "skipped", "mirrored"]
    assert bench.green.artifacts == {}


async def test_an_artifact_that_green_refuses(bench):
    """A 4xx is parked with its text; a 5xx that passes is tried again."""
    run = await bench.create_run()
    path = f"{ARTIFACTS}/0/{run}/artifacts"
    bench.green.break_("/artifacts/no", Fault.ANSWER, status=403, body=b"read only")
    bench.green.break_("/artifacts/later", Fault.ANSWER, status=503, times=2)
    for name in ("no", "later"):
        assert (await bench.send("PUT", f"{path}/{name}", b"x")).status == 200
    await bench.settled()
    (parked,) = await bench.records(State.PARKED)
    assert "read only" in parked.detail
    (twin,) = bench.green.store.twins_of(run)
    assert list(bench.green.artifacts) == [f"0/{twin}/artifacts/later"]


async def test_a_deletion_that_green_could_not_do(bench):
    """A server error is no deletion: it is done once green can."""
    run = await bench.create_run()
    path = f"{ARTIFACTS}/0/{run}/artifacts/a"
    await bench.send("PUT", path, b"x")
    await bench.settled()
    assert len(bench.green.artifacts) == 1
    bench.green.break_("/artifacts/a", Fault.ANSWER, status=503, times=2)
    await bench.send("DELETE", path)
    await bench.settled()
    assert bench.green.artifacts == {}
    assert (await bench.states())[-1] == "mirrored"


async def test_the_other_direction(bench):
    """After a cutover the same holds towards blue."""
    await bench.admin("POST", "/api/v1/cutover")
    run = await bench.create_run(await bench.create_experiment("e"))
    await bench.log(run, 1)
    await bench.send("PUT", f"{ARTIFACTS}/1/{run}/artifacts/a", b"x")
    await bench.settled()
    (twin,) = bench.blue.store.twins_of(run)
    assert bench.blue.store.points(twin) == [1]
    assert bench.blue.artifacts == {f"1/{twin}/artifacts/a": b"x"}
    assert {record.intent.side for record in await bench.records()} == {Side.GREEN}


async def test_a_sync_that_broke_off_is_not_taken_for_a_success(window):
    """The tag could be set on the half that is there by then; the object is brought as a whole instead."""
    window.green.break_("model-versions/create", Fault.ANSWER, times=1)
    await window.post("registered-models/set-tag", name="m", key="a", value="b")
    await window.settled()
    assert [one["version"] for one in window.green.store.versions["m"]] == ["1", "3"]
    assert window.green.store.models["m"]["tags"] == [{"key": "a", "value": "b"}]
    assert await window.states() == ["mirrored"]
