"""One client request: what goes to the serving side, what the client gets, what is journaled."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
import structlog

from proxy.config.models import LogSettings
from proxy.core.messages import Side
from proxy.core.writes import State
from proxy.errors import StorageError
from proxy.observe.logs import configure
from tests.fakes.running_proxy import Bench, eventually
from tests.fakes.tracking_server import API, ARTIFACTS, Fault, error_body


def touched(server) -> list[str]:
    """What was asked of a server, but for the probes of its health and its abilities."""
    probes = {"/health", "/version", "/api/3.0/mlflow/server-info"}
    return [one.path for one in server.requests if one.path not in probes]


REFUSALS = {
    "json": (400, error_body("INVALID_PARAMETER_VALUE", "b\u00f6se")),
    "spaced json": (409, b'{ "error_code" : "RESOURCE_CONFLICT",\n"message":"x" }  '),
    "page": (403, b"<h1>Forbidden</h1>"),
    "nothing": (401, b""),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("operation", ["runs/create", "runs/log-metric", "experiments/create"])
async def test_a_rejection_passes_unchanged(bench, name, operation):
    """The serving side's 4xx reaches the client byte for byte; the record is closed, and nothing is mirrored."""
    status, body = REFUSALS[name]
    bench.blue.break_(operation, Fault.ANSWER, status=status, body=body)
    answer = await bench.post(operation, experiment_id="0", run_id="0" * 32, name="x")
    assert (answer.status, answer.body) == (status, body)
    assert await bench.states() == ["rejected"]
    await bench.settled()
    assert touched(bench.green) == []
    label = {"runs/create": "CreateRun", "runs/log-metric": "LogMetric", "experiments/create": "CreateExperiment"}
    line = f'tightrope_requests_total{{code="{status}",method="POST",operation="{label[operation]}"}}'
    assert await bench.metric(line) == 1


@pytest.mark.parametrize("body", [b"{not json", b'"text"', b"[1, 2]", b"\xff\xfe", b'{"name": 7}', b""])
async def test_malformed_bodies(bench, body):
    """What is no request is the serving side's to refuse: the client gets its very answer, green hears nothing."""
    path = f"{API}experiments/create"
    direct = await bench.session.post(f"{bench.blue.url}{path}", data=body)
    answer = await bench.send("POST", path, body, {"Content-Type": "application/json"})
    assert (answer.status, answer.body) == (direct.status, await direct.read())
    assert answer.status == 400
    assert bench.blue.seen("experiments/create")[-1].body == body
    await bench.settled()
    assert touched(bench.green) == []
    assert set(await bench.states()) <= {"rejected"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
async def test_an_unknown_endpoint(bench, method):
    """What the catalogue does not know passes byte for byte both ways, is counted as unknown, and never journaled."""
    body = bytes(range(256)) * 400
    headers = {"Content-Type": "application/x-new", "X-Blue": "yes", "Set-Cookie": "a=b", "Content-Encoding": "x-none"}
    bench.blue.pages["/api/9.9/new%2Fthing"] = (207, headers, body)
    answer = await bench.send(method, "/api/9.9/new%2Fthing?q=%2520a&b", body if method != "GET" else None)
    (seen,) = bench.blue.seen("/api/9.9/")
    assert (seen.method, seen.path, seen.query) == (method, "/api/9.9/new%2Fthing", "q=%2520a&b")
    assert seen.body == (body if method != "GET" else b"")
    assert (answer.status, answer.body) == (207, body)
    assert {name: answer.headers[name] for name in headers} == headers
    line = f'tightrope_requests_total{{code="207",method="{method}",operation="unknown"}}'
    assert await bench.metric(line) == 1
    assert await bench.states() == []
    assert touched(bench.green) == []


PAGE = (404, {"Content-Type": "text/html"}, b"<!doctype html><title>404 Not Found</title>")


@pytest.mark.parametrize(
    ("path", "agent", "named"),
    [
        ("/api/2.0/mlflow/unheard-of", "mlflow-python-client/3.18.0", True),
        ("/ajax-api/3.0/mlflow/unheard-of", "mlflow-java-client/2.0.1", True),
        ("/api/2.0/mlflow/unheard-of", "curl/8", False),
        ("/unheard-of", "mlflow-python-client/3.18.0", False),
    ],
)
async def test_a_page_that_says_there_is_no_such_endpoint(bench, path, agent, named):
    """MLflow's clients get an error that they can show; everybody else gets the page."""
    bench.blue.pages[path] = PAGE
    answer = await bench.send("GET", path, None, {"User-Agent": agent})
    assert answer.status == 404
    if named:
        assert answer.json["error_code"] == "ENDPOINT_NOT_FOUND"
        assert "3.17.2" in answer.json["message"]
        assert path in answer.json["message"]
    else:
        assert answer.body == PAGE[2]


async def test_an_error_of_an_unknown_endpoint_is_not_a_missing_one(bench):
    """JSON says that somebody was there."""
    bench.blue.pages["/api/9/x"] = (404, {"Content-Type": "application/json"}, error_body("X"))
    answer = await bench.send("GET", "/api/9/x", None, {"User-Agent": "mlflow-python-client/3.18.0"})
    assert answer.body == error_body("X")


@pytest.mark.parametrize("operation", ["runs/search", "runs/create", "runs/delete"])
async def test_old_clients_get_names_of_errors_that_they_know(bench, operation):
    """Reads and writes alike, also where nothing else is translated."""
    bench.blue.break_(operation, Fault.ANSWER, status=409, body=error_body("RESOURCE_CONFLICT", "m"))
    answers = [
        await bench.post(operation, {"User-Agent": f"mlflow-python-client/{version}"}, run_id="0" * 32)
        for version in ("1.30.1", "2.22.4")
    ]
    assert [answer.status for answer in answers] == [409, 409]
    assert [answer.json["error_code"] for answer in answers] == ["BAD_REQUEST", "RESOURCE_CONFLICT"]


CREDENTIALS = {
    "Authorization": "Bearer client-secret-1",
    "Cookie": "session=client-secret-2",
    "X-Api-Key": "client-secret-3",
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as in production, everything included."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure(LogSettings(level="debug"), stream)
    yield stream
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


async def test_credentials(tmp_path, log):
    """A client's credentials reach the serving side and nothing else; the mirror shows its own to each side."""
    sides = {"blue": {"username": "ann", "password": "blue-secret"}, "green": {"token": "green-secret"}}
    async with Bench(tmp_path, **sides) as bench:
        bench.green.break_("runs/create", Fault.ANSWER, times=1, status=400, body=error_body("X"))
        run = (await bench.post("runs/create", CREDENTIALS, experiment_id="0")).json["run"]["info"]["run_id"]
        bench.blue.break_("log-metric", Fault.RESET_AFTER, times=1)
        metric = {"run_id": run, "key": "loss", "value": 1, "timestamp": 1}
        assert (await bench.post("runs/log-metric", CREDENTIALS, **metric)).status == 502
        path = f"{ARTIFACTS}/0/{run}/artifacts/a"
        assert (await bench.send("PUT", path, b"x", CREDENTIALS)).status == 200
        assert (await bench.send("GET", f"{path}/../b", None, CREDENTIALS)).status in {400, 404}
        await bench.settled()
        await bench.admin("POST", "/api/v1/journal/retry")
        await bench.settled()
        assert set(await bench.states()) == {"mirrored"}
        shown = (await bench.admin("GET", "/api/v1/journal?state=mirrored")).body
        for seen in bench.blue.requests:
            if seen.header("User-Agent") == "tightrope":
                assert seen.header("Authorization") == "Basic YW5uOmJsdWUtc2VjcmV0"
            else:
                assert {name: seen.header(name) for name in CREDENTIALS} == CREDENTIALS
        told = [header for seen in bench.green.requests for header in seen.headers]
        assert {value for name, value in told if name.lower() == "authorization"} == {"Bearer green-secret"}
        assert not any("client-secret" in value for _, value in told)
        assert b"secret" not in shown
        assert b"secret" not in (await bench.admin("GET", "/metrics")).body
    for file in tmp_path.iterdir():
        assert b"secret" not in file.read_bytes(), file
    assert "write parked" in log.getvalue()
    assert "secret" not in log.getvalue()


async def refuse(*_: object, **__: object) -> None:
    raise StorageError("disk full")


@pytest.mark.parametrize("how", ["disk full", "closed"])
async def test_no_journal(bench, monkeypatch, how):
    """Without a journal writes are refused with 503 and Retry-After, before anything is sent; reads go on."""
    run = await bench.create_run()
    await bench.settled()
    database = bench.running.desk._journal._db
    if how == "closed":
        await database.close()
    else:
        monkeypatch.setattr(database, "write", refuse)
    before = len(bench.blue.requests)
    refused = await bench.log(run, 1)
    assert (refused.status, refused.json["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
    assert int(refused.headers["Retry-After"]) > 0
    upload = await bench.send("PUT", f"{ARTIFACTS}/0/{run}/artifacts/a", b"x")
    assert upload.status == 503
    assert len(bench.blue.requests) == before
    read = await bench.get("runs/get", f"run_id={run}")
    assert (read.status, read.json["run"]["info"]["run_id"]) == (200, run)
    assert await bench.metric('tightrope_refusals_total{operation="LogMetric",reason="JournalUnavailable"}') == 1
    if how != "closed":
        monkeypatch.undo()
        assert (await bench.log(run, 1)).status == 200


async def test_an_outcome_that_cannot_be_stored(bench, monkeypatch):
    """The write is done and its intent safe, so the client is answered; the mirror settles it by reading."""
    run = await bench.create_run()
    await bench.settled()
    journal = bench.running.desk._journal
    monkeypatch.setattr(journal, "answered", refuse)
    assert (await bench.log(run, 4)).status == 200
    monkeypatch.undo()
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.points(twin) == [4]


async def test_blue_is_down(bench):
    """Nothing was sent, so nothing is in doubt: 503 with Retry-After as MLflow's JSON, and the record is closed."""
    run = await bench.create_run()
    await bench.settled()
    await bench.blue.refuse()
    answer = await bench.log(run, 1)
    assert (answer.status, answer.json["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
    assert "Retry-After" in answer.headers
    assert (await bench.get("runs/get", f"run_id={run}")).status == 503
    assert await bench.states() == ["mirrored", "rejected"]


async def test_a_read_is_asked_again(bench):
    """A read whose connection breaks is repeated once, because that harms nobody; a write never is."""
    bench.blue.break_("experiments/get", Fault.RESET_BEFORE, times=1)
    assert (await bench.get("experiments/get", "experiment_id=0")).status == 200
    assert len(bench.blue.seen("experiments/get")) == 2
    bench.blue.break_("experiments/create", Fault.RESET_BEFORE, times=1)
    assert (await bench.post("experiments/create", name="e")).status == 502
    assert len(bench.blue.seen("experiments/create")) == 1


async def test_what_would_bypass_the_mirror(bench):
    """Multipart uploads are refused with what makes clients fall back to a plain one."""
    answer = await bench.send("POST", f"{API.replace('mlflow', 'mlflow-artifacts')}mpu/create/0/x", b"{}")
    assert (answer.status, answer.json["error_code"]) == (501, "NOT_IMPLEMENTED")
    words = "Multipart upload is not supported for the current artifact repository"  # what clients look for
    assert answer.json["message"].startswith(words)
    assert touched(bench.blue) == []


async def test_a_workspace_that_is_not_there(bench):
    """404 from us instead of a 500 that clients repeat; the default one is what every server has."""
    bench.running.desk._backends[Side.BLUE].workspaces = False
    named = {"X-MLFLOW-WORKSPACE": "team"}
    answer = await bench.send("GET", f"{API}experiments/get?experiment_id=0", None, named)
    assert (answer.status, answer.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    default = {"X-MLFLOW-WORKSPACE": "default"}
    assert (await bench.send("GET", f"{API}experiments/get?experiment_id=0", None, default)).status == 200
    assert [seen.header("X-MLFLOW-WORKSPACE") for seen in bench.blue.seen("experiments/get")] == [None]


async def test_another_server_behind_the_url(bench):
    """A page "not found" where the server must have one has its version detected anew."""
    asked = len(bench.blue.seen("/version"))
    bench.blue.break_("experiments/get", Fault.ANSWER, times=1, status=404, body=b"<!doctype html>")
    assert (await bench.get("experiments/get", "experiment_id=0")).status == 404
    assert len(bench.blue.seen("/version")) == asked + 1
    assert (await bench.get("experiments/get", "experiment_id=77777")).status == 404  # JSON: it is the server's word
    assert len(bench.blue.seen("/version")) == asked + 1


async def test_a_path_that_leaves_its_root(bench):
    """Refused before any server sees it."""
    answer = await bench.send("GET", f"{ARTIFACTS}/%252e%252e/secret")
    assert (answer.status, answer.headers["x-tightrope-refused"]) == (400, "UnsafePath")
    assert touched(bench.blue) == []


async def test_a_body_too_large(tmp_path):
    """413 with a sentence; artifacts have no such limit."""
    async with Bench(tmp_path, limits={"max_json_body_bytes": 1000}) as bench:
        answer = await bench.post("experiments/create", name="x" * 2000)
        assert (answer.status, answer.headers["x-tightrope-refused"]) == (413, "BodyTooLarge")
        assert touched(bench.blue) == []
        run = await bench.create_run()
        content = b"x" * 5000
        assert (await bench.send("PUT", f"{ARTIFACTS}/0/{run}/artifacts/a", content)).status == 200
        await bench.settled()
        assert content in bench.green.artifacts.values()


async def test_a_client_that_left(bench):
    """A write whose client hung up is carried to its end, journaled and mirrored; meanwhile it counts as under way."""
    run = await bench.create_run()
    rule = bench.blue.break_("log-metric", Fault.SLOW, times=1)
    body = json.dumps({"run_id": run, "key": "loss", "value": 3, "timestamp": 1}).encode()
    sending = asyncio.ensure_future(bench.send("POST", f"{API}runs/log-metric", body))
    await bench.blue.saw("log-metric")
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    gate = bench.running.desk._gate
    assert gate.in_flight == 1
    rule.event.set()
    await eventually(lambda: gate.in_flight == 0, "the write ends")
    await bench.settled()
    (twin,) = bench.green.store.twins_of(run)
    assert bench.green.store.points(twin) == [3]
    assert await bench.records(State.IN_DOUBT) == []


async def test_bytes_that_are_fetched_another_way_are_asked_for_in_full(tmp_path):
    """The query of the detour's call goes out, and the client's own one does not replace it."""
    run = "a" * 32
    async with Bench(tmp_path, blue={"version": "3.10.1"}) as bench:
        bench.blue.version = "3.10.1"
        bench.blue.pages["/get-artifact"] = (200, {"Content-Type": "text/plain"}, b"hi")
        path = f"/api/2.0/mlflow-artifacts/artifacts/3/{run}/artifacts/a/r%C3%A4der.txt"
        answer = await bench.send("GET", path)
        assert (answer.status, answer.body) == (200, b"hi")
        assert answer.headers["x-tightrope-translated"] == "serve_any_file_name"
        (seen,) = bench.blue.seen("get-artifact")
        assert parse_qs(seen.query) == {"run_uuid": [run], "path": ["a/räder.txt"]}
        assert bench.blue.seen("mlflow-artifacts") == []
