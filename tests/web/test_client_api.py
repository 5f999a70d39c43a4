"""The client listener: what every answer carries, and how errors look."""

from __future__ import annotations

import asyncio
import json

import pytest

from proxy.errors import CannotTranslateError
from tests.fakes.running_proxy import Bench
from tests.fakes.tracking_server import API, Fault


async def test_every_answer_has_a_request_id(bench):
    """Each its own, also where we refuse."""
    answers = [await bench.get("experiments/get", "experiment_id=0") for _ in range(2)]
    answers.append(await bench.send("GET", "/x/%2e%2e/y"))
    assert len({answer.headers["x-tightrope-request-id"] for answer in answers}) == 3


async def test_our_errors_are_mlflows(bench):
    """JSON with error_code and message, the reason in a header, counted by operation and reason."""
    unsafe = await bench.send("GET", "/x/%252e%252e/y")
    assert unsafe.json["message"].startswith("Tightrope: the path leaves its root. ")
    answer = await bench.send("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/x", b"{}")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert set(answer.json) == {"error_code", "message"}
    assert answer.json["message"].startswith("Multipart upload is not supported")  # clients look for these words
    assert answer.headers["x-tightrope-refused"] == "UnavailableDuringMirroring"
    line = 'tightrope_refusals_total{operation="CreateMultipartUpload",reason="UnavailableDuringMirroring"}'
    assert await bench.metric(line) == 1


async def test_a_fault_of_ours(bench, monkeypatch):
    """An exception that nobody thought of is a 500 in MLflow's form, and says nothing about our insides."""

    async def broken(*_: object) -> None:
        raise KeyError("inside")

    monkeypatch.setattr("proxy.services.exchange.Exchange.open", broken)
    answer = await bench.get("experiments/get", "experiment_id=0")
    assert (answer.status, answer.json["error_code"]) == (500, "INTERNAL_ERROR")
    assert "inside" not in answer.body.decode()


async def test_translated_answers_say_so(tmp_path):
    """What was changed on the way stands in a header and is counted."""
    async with Bench(tmp_path, blue={"version": "1.30.1"}) as bench:
        bench.blue.version = "1.30.1"
        answer = await bench.send("GET", "/version")
        assert answer.status == 200
        names = answer.headers.get("x-tightrope-translated", "")
        assert names
        line = f'tightrope_translations_total{{change="{names.split(",")[0]}",direction="request"}}'
        assert await bench.metric(line) == 1
        line = 'tightrope_client_translated_requests_total{client="python",client_version="3.17.2"}'
        assert await bench.metric(line) == 1


async def test_another_path_alone_is_told_and_counted(bench):
    """A 1.30 client's registry calls go to preview paths that newer servers do not have."""
    old = {"User-Agent": "mlflow-python-client/1.30.1"}
    answer = await bench.send("GET", "/api/2.0/preview/mlflow/experiments/get?experiment_id=0", headers=old)
    assert (answer.status, answer.headers["x-tightrope-translated"]) == (200, "other_path")
    assert await bench.metric('tightrope_translations_total{change="other_path",direction="request"}') == 1
    clients = (await bench.admin("GET", "/api/v1/status")).json["clients"]
    assert clients[0]["changes"] == {"other_path": 1}


async def test_a_change_of_an_answer_is_counted_as_one(tmp_path):
    """A missing artifact is told otherwise; nobody touched the request."""
    async with Bench(tmp_path, blue={"version": "1.30.1"}) as bench:
        bench.blue.version = "1.30.1"
        body = {"message": "The following failures occurred while downloading: No such file or directory"}
        bench.blue.break_("mlflow-artifacts", Fault.ANSWER, body=json.dumps(body).encode())
        answer = await bench.send("GET", "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/x")
        assert answer.status == 404
        line = 'tightrope_translations_total{change="report_missing_artifacts",direction="response"}'
        assert await bench.metric(line) == 1


async def test_what_the_server_cannot_do(tmp_path):
    """A refusal that clients do not retry, naming what would be needed; nothing is journaled or sent."""
    async with Bench(tmp_path, blue={"version": "1.30.1"}, phase="blue_only") as bench:
        bench.blue.version = "1.30.1"
        answer = await bench.send("DELETE", "/api/3.0/mlflow/label-schemas/delete", b'{"schema_id": "ls-1"}')
        assert answer.status == CannotTranslateError.http_status
        assert "1.30.1" in answer.json["message"]
        assert bench.blue.seen("label-schemas") == []
        assert await bench.states() == []


@pytest.mark.parametrize(
    ("version", "method", "path", "words"),
    [
        ("1.30.1", "POST", "/api/2.0/mlflow/webhooks", "Needed for webhooks"),
        ("1.20.2", "GET", "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/x", "Needed for artifacts"),
        ("1.20.2", "PUT", "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/x", "Needed for artifacts"),
        ("3.17.2", "GET", "/api/2.0/mlflow/experiments/permissions/get", "Roles replaced"),
    ],
)
async def test_a_refusal_says_what_why_and_what_to_do(tmp_path, version, method, path, words):
    """Operation, version needed and there, feature in words, advice, and where more stands; for streams as well."""
    async with Bench(tmp_path, blue={"version": version}, phase="blue_only") as bench:
        bench.blue.version = version
        answer = await bench.send(method, path, b"{}" if method != "GET" else b"")
        assert (answer.status, answer.json["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
        assert answer.headers["x-tightrope-refused"] == "CannotTranslate"
        message = answer.json["message"]
        assert "needs an MLflow server" in message
        assert f"this one is {version}. Needed for" in message
        assert words in message
        assert "docs/compat.md" in message
        assert bench.blue.seen(path.rpartition("/")[2]) == []


async def test_users_and_uploads_of_the_ui_are_refused_alike(tmp_path):
    """What passes as a stream is refused as well where the server has no such page; pages of the UI are its own."""
    async with Bench(tmp_path, blue={"version": "1.30.1"}) as bench:
        bench.blue.version = "1.30.1"
        for path in ("/api/2.0/mlflow/users/create", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=a&path=b"):
            answer = await bench.send("POST", path, b"{}")
            assert (answer.status, answer.json["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
            assert "this one is 1.30.1" in answer.json["message"]
        assert bench.blue.seen("users/create") + bench.blue.seen("upload-artifact") == []


async def test_an_absolute_target(bench):
    """A request line with scheme and host (as to a forward proxy) means the same path."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.running.port)
    target = f"http://mlflow.example{API}experiments/get?experiment_id=0"
    writer.write(f"GET {target} HTTP/1.1\r\nHost: mlflow.example\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 200")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["experiment"]["name"] == "Default"


async def test_clients_are_counted(bench):
    """By kind and version, for the planning of an upgrade."""
    await bench.get("experiments/get", "experiment_id=0")
    view = (await bench.admin("GET", "/api/v1/status")).json
    assert sum(client["requests"] for client in view["clients"]) == 1
    assert view["clients"][0]["translated"] == 0


async def test_the_census_outlives_a_restart_and_tells_who_needs_what(tmp_path):
    """What a client used is held against both sides' versions."""
    async with Bench(tmp_path, blue={"version": "1.30.1"}, green={"version": "3.17.2"}, phase="blue_only") as bench:
        old = {"User-Agent": "mlflow-python-client/1.30.1"}
        await bench.send("GET", "/api/2.0/mlflow/experiments/list", headers=old)
        refused = await bench.post("webhooks", name="w")
        assert refused.status == 404
        await bench.restart()
        view = (await bench.admin("GET", "/api/v1/status")).json
        clients = {client["version"]: client for client in view["clients"]}
        assert (clients["1.30.1"]["requests"], clients["1.30.1"]["translated"]) == (1, 0)
        assert clients["3.17.2"]["refused"] == 1
        blue, green = view["outlook"]
        assert (blue["side"], blue["always"]) == ("blue", [])
        assert [need["operations"] for need in blue["missing"]] == [["CreateWebhook"]]
        assert [need["version"] for need in green["always"]] == ["1.30.1"]
        assert green["always"][0]["operations"] == ["ListExperiments"]
