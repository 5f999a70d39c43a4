"""One side asked on behalf of a client: streamed where nothing has to be looked at, read where something has."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest

from proxy.core.messages import Response, Side
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, translate, walk
from proxy.core.versions.change import Answers, Call, Dialects, VersionChange
from tests.fakes.running_proxy import Bench
from tests.fakes.tracking_server import ARTIFACTS

RUN = "a" * 32
ANY = (None, None)
OLD_CLIENT = {"User-Agent": "mlflow-python-client/2.22.4"}


def install(monkeypatch: pytest.MonkeyPatch, *changes: VersionChange) -> None:
    """Only these changes exist, and nothing remembers the others."""
    monkeypatch.setattr(walk, "CHANGES", changes)
    monkeypatch.setattr(translate, "CHANGES", changes)
    monkeypatch.setattr(walk, "_candidates", walk._candidates.__wrapped__)
    for name in ("_needed", "_answer_only", "_has_detours"):
        monkeypatch.setattr(translate, name, getattr(translate, name).__wrapped__)


def moved(call: Call, _: Dialects) -> Generator[Call, Response, Call | Response | None]:
    """What lies under ``old/`` is where the run's tag says."""
    path = str(call.arguments["artifact_path"])
    if "/old/" not in path:
        return None
    answer = yield Call("GetRun", {"run_id": RUN})
    run = jsontext.read_answer(answer)
    assert run is not None
    return Call(call.operation, {"artifact_path": path.replace("/old/", f"/{run['run']['info']['status']}/")})


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """A run whose status names a folder, with a file in it."""
    bench.blue.store.add_run("0", RUN, status="FINISHED")
    bench.blue.artifacts[f"0/{RUN}/artifacts/FINISHED/x.txt"] = b"here"
    return bench


@pytest.mark.parametrize("when", ["detour", "detour_if_missing"])
async def test_bytes_come_from_where_they_are(filled, monkeypatch, when):
    """A detour is asked before anything is sent, or once the server has nothing under the client's path."""
    parts: dict[str, Any] = {when: moved}
    change = VersionChange("find", frozenset({"DownloadArtifact"}), ANY, looks_inside=False, **parts)
    install(monkeypatch, change)
    answer = await filled.send("GET", f"{ARTIFACTS}/0/{RUN}/artifacts/old/x.txt", headers=OLD_CLIENT)
    assert (answer.status, answer.body) == (200, b"here")
    assert answer.headers["x-tightrope-translated"] == "find"
    asked = len(filled.blue.seen("/old/x.txt"))
    assert asked == (0 if when == "detour" else 1)
    own = await filled.send("GET", f"{ARTIFACTS}/0/{RUN}/artifacts/FINISHED/x.txt", headers=OLD_CLIENT)
    assert (own.body, "x-tightrope-translated" in own.headers) == (b"here", False)


async def test_uploads_take_the_detour_too(filled, monkeypatch):
    """Bytes going in are streamed to the other place."""
    change = VersionChange("find", frozenset({"UploadArtifact"}), ANY, looks_inside=False, detour=moved)
    install(monkeypatch, change)
    answer = await filled.send("PUT", f"{ARTIFACTS}/0/{RUN}/artifacts/old/y.txt", b"new", OLD_CLIENT)
    assert answer.status == 200
    assert filled.blue.artifacts[f"0/{RUN}/artifacts/FINISHED/y.txt"] == b"new"


async def test_a_detour_may_end_in_an_answer(filled, monkeypatch):
    """What exists nowhere as a file is made up from calls."""

    def made(_: Call, dialects: Dialects) -> Generator[Call, Response, Call | Response | None]:
        yield from ()
        return jsontext.answer({"token": len(dialects.token), "now": dialects.now_ms > 0})

    change = VersionChange("make", frozenset({"DownloadArtifact"}), ANY, looks_inside=False, detour_if_missing=made)
    install(monkeypatch, change)
    answer = await filled.send("GET", f"{ARTIFACTS}/0/{RUN}/artifacts/none", headers=OLD_CLIENT)
    assert (answer.status, answer.json) == (200, {"token": 32, "now": True})


async def test_a_missing_file_stays_missing(filled, monkeypatch):
    """Where no detour knows better, the server's own answer goes out."""
    change = VersionChange("find", frozenset({"DownloadArtifact"}), ANY, looks_inside=False, detour_if_missing=moved)
    install(monkeypatch, change)
    answer = await filled.send("GET", f"{ARTIFACTS}/0/{RUN}/artifacts/none", headers=OLD_CLIENT)
    direct = await filled.session.get(f"{filled.blue.url}{ARTIFACTS}/0/{RUN}/artifacts/none")
    assert (answer.status, answer.body) == (direct.status, await direct.read())


async def test_files_that_a_change_looks_at_are_read_whole(filled, monkeypatch):
    """Only those it applies to; it never meets them compressed or in part."""

    def shout(answer: Response, _call: Call, _dialects: Dialects) -> Response:
        return Response(answer.status, answer.headers, answer.body.upper())

    change = VersionChange(
        "shout",
        frozenset({"DownloadArtifact"}),
        ANY,
        applies=lambda call, _: str(call.arguments["artifact_path"]).endswith(".txt"),
        looks_inside=False,
        response=shout,
        answers=Answers.SUCCESS,
    )
    install(monkeypatch, change)
    filled.blue.artifacts[f"0/{RUN}/artifacts/x.bin"] = b"here"
    headers = {**OLD_CLIENT, "Range": "bytes=0-1", "Accept-Encoding": "gzip"}
    text = await filled.send("GET", f"{ARTIFACTS}/0/{RUN}/artifacts/FINISHED/x.txt", headers=headers)
    binary = await filled.send("GET", f"{ARTIFACTS}/0/{RUN}/artifacts/x.bin", headers=OLD_CLIENT)
    assert (text.body, binary.body) == (b"HERE", b"here")
    (seen,) = filled.blue.seen("x.txt")
    assert (seen.header("Range"), seen.header("Accept-Encoding")) == (None, None)


async def test_hidden_tags_reach_changes_and_no_client(filled, monkeypatch):
    """Once something of ours was written to a side, its own clients' answers are cleaned as well."""
    filled.blue.store.runs[RUN]["tags"] = {"mlflow.tightrope.note": "1 text", "t": "v"}
    seen: list[bytes] = []

    def look(answer: Response, _call: Call, _dialects: Dialects) -> Response:
        seen.append(answer.body)
        return answer

    change = VersionChange("look", frozenset({"GetRun"}), ANY, reveals=True, looks_inside=False, response=look)
    install(monkeypatch, change)
    await filled.running.identity.mark(Side.BLUE)
    answer = await filled.get("runs/get", f"run_id={RUN}")  # by a client of the server's own version
    assert answer.json["run"]["data"]["tags"] == [{"key": "t", "value": "v"}]
    assert len(seen) == 1
    assert b"mlflow.tightrope.note" in seen[0]


async def test_what_a_change_hides_marks_the_side(filled, monkeypatch):
    """Writing a note through a translation is how a side comes to be looked at; the mark outlives the proxy."""

    def note(call: Call, _: Dialects) -> Call:
        return Call(call.operation, {**call.arguments, "key": "mlflow.tightrope.note", "value": "1 text"})

    change = VersionChange("note", frozenset({"SetTag"}), ANY, clients=(Version(2, 0), Version(2, 99)), request=note)
    install(monkeypatch, change)
    assert filled.running.identity.plain(Side.BLUE)
    body = json.dumps({"run_id": RUN, "key": "k", "value": "v"}).encode()
    path = "/api/2.0/mlflow/runs/set-tag"
    assert (await filled.send("POST", path, body, {**OLD_CLIENT, "Content-Type": "application/json"})).status == 200
    assert "mlflow.tightrope.note" in filled.blue.store.runs[RUN]["tags"]
    assert (await filled.get("runs/get", f"run_id={RUN}")).json["run"]["data"].get("tags") == []
    await filled.restart()
    assert filled.running.identity.marked(Side.BLUE)


async def test_a_write_done_in_part_is_settled(filled, monkeypatch):
    """One of two requests took effect and the other was refused; green gets what is there."""

    def both(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
        yield Call("SetTag", {"run_id": RUN, "key": "half", "value": "done"})
        return (yield Call("LogParam", {**call.arguments, "run_id": "b" * 32}))

    install(monkeypatch, VersionChange("both", frozenset({"LogParam"}), ANY, recipe=both))
    body = json.dumps({"run_id": RUN, "key": "k", "value": "v"}).encode()
    headers = {**OLD_CLIENT, "Content-Type": "application/json"}
    answer = await filled.send("POST", "/api/2.0/mlflow/runs/log-parameter", body, headers)
    assert answer.status == 404
    await filled.settled()
    (record,) = await filled.records()
    assert (record.state.value, record.reason) == ("mirrored", "settled")
    (twin,) = filled.green.store.runs.values()
    assert twin["tags"]["half"] == "done"


@pytest.mark.parametrize(
    ("agent", "declared", "sent"),
    [
        ("curl/8.5.0", "application/x-www-form-urlencoded", "application/json"),
        ("python-requests/2.32", None, "application/json"),
        ("curl/8.5.0", "application/json; charset=utf-8", "application/json; charset=utf-8"),
        ("mlflow-python-client/3.17.2", "text/plain", "text/plain"),
    ],
)
async def test_programs_that_do_not_say_json(bench, agent, declared, sent):
    """Servers up to 2.5 did not mind, newer ones answer 400; MLflow's own clients mean what they say."""
    headers = {"User-Agent": agent, **({"Content-Type": declared} if declared else {})}
    skipped = None if declared else ["Content-Type"]
    url, body = f"{bench.url}/api/2.0/mlflow/experiments/create", b'{"name": "e"}'
    async with bench.session.post(url, data=body, headers=headers, skip_auto_headers=skipped) as answer:
        assert answer.status == 200
    (seen,) = bench.blue.seen("experiments/create")
    assert seen.header("Content-Type") == sent
