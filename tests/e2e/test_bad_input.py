"""Input that no decent client sends, over raw sockets: a clear answer, the proxy lives, nothing is lost.

Every test ends with a look at whether the proxy still works and both sides hold the same.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from tests.e2e.compare import contents, count
from tests.e2e.raw_http import RawConnection
from tests.e2e.rest import API, answered, call, create_run
from tests.e2e.stacks import Stack

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(120),
    pytest.mark.parametrize("running_stack", [("1.30.1", "3.17.2")], ids="-to-".join, indirect=True),
]

CREATE = f"{API}/runs/create"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
RUN = b'{"experiment_id": "0", "start_time": 1}'
MIB = 1024 * 1024


@pytest.fixture
def wire(stack: Stack) -> Iterator[RawConnection]:
    """A connection to the proxy; afterwards the proxy must still work, and nothing may be lost."""
    before = count(stack.blue, "runs")
    with RawConnection(stack.tightrope.port) as connection:
        yield connection
    create_run(stack.tightrope.url)
    stack.same()
    assert count(stack.blue, "runs") > before


def runs(stack: Stack) -> int:
    """Runs on blue."""
    return count(stack.blue, "runs")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"null",
        b"[1, 2]",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"experiment_id": {"a": 1}}',
        b'{"experiment_id": 0, "start_time": "soon"}',
        b'{"experiment_id": NaN}',
        b'{"experiment_id": "999999999"}',
        b'{"experiment_id": "' + b"9" * 400 + b'"}',
        b'{"tags": 7, "experiment_id": "0"}',
        b'{"tags": [7], "experiment_id": "0"}',
        b"[" * 50_000,
        b'{"a":' * 50_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_bad_bodies(stack: Stack, wire: RawConnection, body: bytes) -> None:
    """A body that is no proper request gets the very answer that the server itself gives."""
    expected = answered(stack.blue.url + CREATE, "POST", body)
    got = wire.request("POST", CREATE, body).answer()
    assert got.status == expected[0]
    if got.status < 500:
        assert json.loads(got.body)["error_code"] == json.loads(expected[2])["error_code"]


@pytest.mark.parametrize("framing", ["Content-Length: 104857600", "Transfer-Encoding: chunked"])
def test_huge_json(wire: RawConnection, framing: str) -> None:
    """100 MB of JSON are refused with 413 as JSON, however they are framed, before they fill any memory."""
    wire.head("POST", CREATE, framing)
    piece = b"x" * MIB
    chunk = piece if framing.startswith("C") else b"%x\r\n%s\r\n" % (len(piece), piece)
    try:
        for _ in range(100):
            wire.send(chunk)
    except OSError:
        pass  # it need not read what it refuses
    got = wire.answer()
    assert (got.status, got.is_json_error) == (413, True)


@pytest.mark.parametrize(
    "target",
    [
        "/api/2.0/../x",
        "/api/2.0/%2e%2e/x",
        "/api/2.0/%252e%252e/x",
        "/api/2.0/%25252e%25252e/x",
        "/api/2.0/..%2fx",
        "/api/2.0/..%5cx",
        "/api/2.0/mlflow-artifacts/artifacts/0/%2e%2e/%2e%2e/mlflow.db",
        "/get-artifact%00",
    ],
)
def test_paths_that_leave(wire: RawConnection, target: str) -> None:
    """A path that tries to leave its root is refused in every encoding, and never reaches a server."""
    got = wire.head("GET", target).answer()
    assert (got.status, got.is_json_error) == (400, True)
    assert "x-tightrope-refused" in got.headers


@pytest.mark.parametrize("target", [CREATE.replace("runs/create", "runs%2Fcreate"), "/api/2.0/mlflow/runs/%63reate"])
def test_encoded_writes(stack: Stack, wire: RawConnection, target: str) -> None:
    """A write in an odd encoding that the server takes is mirrored like any other."""
    before = runs(stack)
    assert wire.request("POST", target, RUN).answer("POST").status == 200
    assert runs(stack) == before + 1


@pytest.mark.parametrize("target", ["//api//2.0/mlflow/runs/create", "///api/2.0/mlflow//runs///create"])
def test_doubled_slashes(stack: Stack, wire: RawConnection, target: str) -> None:
    """Doubled slashes: whatever blue does with them (some servers create, some redirect), green gets the same."""
    before = runs(stack)
    status = wire.request("POST", target, RUN).answer("POST").status
    assert status in {200, 308, 404}
    assert runs(stack) == before + (status == 200)


@pytest.mark.parametrize(
    "header",
    [
        "X-Long: " + "a" * 200_000,
        "no colon at all",
        "X-Nul: a\x00b",
        ": no name",
        "Content-Length: -1",
        "Content-Length: 1e9",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, gzip",
    ],
    ids=lambda header: repr(header[:24]),
)
def test_impossible_headers(stack: Stack, wire: RawConnection, header: str) -> None:
    """Headers that cannot be understood are answered with a 4xx, and nothing is made."""
    before = runs(stack)
    got = wire.head("POST", CREATE, header).answer("POST")
    assert 400 <= got.status < 500
    assert runs(stack) == before


@pytest.mark.parametrize(
    "headers",
    [
        ["X-Bytes: \xff\xfe\xfc"],
        [f"X-Many-{number}: {number}" for number in range(50)],
        ["User-Agent: " + "mlflow-python-client/" * 100],
        ["User-Agent: mlflow-python-client/99999999999999999999.x"],
        ["Connection: close, Content-Type, Host"],
        ["X-Empty:", "Accept-Encoding: nonsense", "Cookie: \xe4=\xf6"],
    ],
    ids=lambda headers: repr(headers[0][:32]),
)
def test_odd_headers(stack: Stack, wire: RawConnection, headers: list[str]) -> None:
    """Headers that are odd but legal pass, and the write is a write like any other."""
    before = runs(stack)
    assert wire.request("POST", CREATE, RUN, *headers).answer("POST").status == 200
    assert runs(stack) == before + 1


@pytest.mark.parametrize("request_", [b"GET /health HTTP/1.0", b"GET http://x/health HTTP/1.1\r\nHost: x"])
def test_old_forms(wire: RawConnection, request_: bytes) -> None:
    """HTTP/1.0 without a Host, and a target in absolute form, are answered as by any server."""
    got = wire.send(request_ + b"\r\n\r\n").answer()
    assert (got.status, got.body) == (200, b"OK")


@pytest.mark.parametrize(
    "data",
    [
        b"GET /health HTTP/1.1\r\n\r\n",
        b"FOO /health HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100 + b"\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
    ],
)
def test_not_http(wire: RawConnection, data: bytes) -> None:
    """HTTP/1.1 without a Host, an invented method, and bytes that are not HTTP at all get a 400, not silence."""
    assert wire.send(data).answer().status == 400


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PROPFIND"])
def test_odd_methods(stack: Stack, wire: RawConnection, method: str) -> None:
    """Methods that MLflow does not know get the server's own answer."""
    expected = answered(stack.blue.url + CREATE, method)[0]
    assert wire.head(method, CREATE).answer(method).status == expected


def test_chunked_json(stack: Stack, wire: RawConnection) -> None:
    """A chunked body reaches a server that loses chunked bodies (3.x behind uvicorn), in full."""
    stack.move("cutover")
    name = f"chunked {uuid.uuid4()}"
    body = json.dumps({"name": name, "tags": [{"key": "k", "value": "ü" * 4000}]}).encode()
    wire.head("POST", f"{API}/experiments/create", "Transfer-Encoding: chunked", "Content-Type: application/json")
    for start in range(0, len(body), 1000):
        piece = body[start : start + 1000]
        wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
    assert wire.send(b"0\r\n\r\n").answer("POST").status == 200
    stack.settled()
    stack.move("rollback")
    assert contents(stack.blue)[f"experiment {name!r}"]["tag k"] == "ü" * 4000


def artifact(stack: Stack, name: str) -> tuple[str, str]:
    """A run and the path of one of its artifacts."""
    run = create_run(stack.tightrope.url)
    return f"run {run}", f"{ARTIFACTS}/0/{run}/artifacts/{name}"


def test_chunked_artifact(stack: Stack, wire: RawConnection) -> None:
    """An upload of unknown length, larger than memory should hold at once, arrives on both sides."""
    run, path = artifact(stack, "a.bin")
    wire.head("PUT", path, "Transfer-Encoding: chunked")
    for number in range(5):
        wire.send(b"%x\r\n%s\r\n" % (MIB, bytes([number]) * MIB))
    assert wire.send(b"0\r\n\r\n").answer("PUT").status == 200
    assert contents(stack.blue)[run]["files"]["a.bin"].startswith(f"{5 * MIB} ")


def test_expect_continue(stack: Stack, wire: RawConnection) -> None:
    """A client that waits for permission gets it once, before it has sent anything."""
    run, path = artifact(stack, "b.bin")
    wire.head("PUT", path, "Expect: 100-continue", "Content-Length: 5")
    assert wire.line() == b"HTTP/1.1 100 Continue\r\n"
    assert wire.line() == b"\r\n"
    assert wire.send(b"hello").line().startswith(b"HTTP/1.1 200")
    assert contents(stack.blue)[run]["files"]["b.bin"].startswith("5 ")


def test_head(stack: Stack, wire: RawConnection) -> None:
    """HEAD has the server's status and no body, and the connection serves the next request."""
    for target in ("/health", f"{API}/experiments/get?experiment_id=0", "/"):
        got = wire.head("HEAD", target).answer("HEAD")
        assert (got.status, got.body) == (answered(stack.blue.url + target, "HEAD")[0], b"")
    assert wire.head("GET", "/health").answer().body == b"OK"


def test_upload_broken_off(stack: Stack, wire: RawConnection) -> None:
    """A client that goes away in the middle of an upload leaves no record open, and a second try works."""
    run, path = artifact(stack, "c.bin")
    with RawConnection(stack.tightrope.port) as leaving:
        leaving.head("PUT", path, f"Content-Length: {10 * MIB}").send(b"x" * MIB)
    stack.settled()
    stack.same()
    assert wire.head("PUT", path, "Content-Length: 4").send(b"done").answer("PUT").status == 200
    assert contents(stack.blue)[run]["files"]["c.bin"].startswith("4 ")


def test_json_broken_off(stack: Stack, wire: RawConnection) -> None:
    """A JSON body that never ends makes nothing."""
    before = runs(stack)
    with RawConnection(stack.tightrope.port) as leaving:
        leaving.head("POST", CREATE, "Content-Length: 1000").send(RUN)
    wire.head("GET", "/health").answer()
    assert stack.settled()["journal"]["received"] == 0
    assert runs(stack) == before


def test_gone_after_sending(stack: Stack, wire: RawConnection) -> None:
    """A client that does not wait for its answer has made a write like any other."""
    name = f"not waited for {uuid.uuid4()}"
    with RawConnection(stack.tightrope.port) as leaving:
        leaving.request("POST", f"{API}/experiments/create", json.dumps({"name": name}).encode())
        wire.head("GET", "/health").answer()
    stack.same()


def test_pipelined(stack: Stack, wire: RawConnection) -> None:
    """Requests sent in one go are answered in their order, each write once."""
    before = runs(stack)
    for _ in range(3):
        wire.request("POST", CREATE, RUN).head("GET", "/health")
    kinds = [b"run_id" in wire.answer("POST").body for _ in range(6)]
    assert kinds == [True, False] * 3
    assert runs(stack) == before + 3


def test_ids_that_mean_nothing(stack: Stack, wire: RawConnection) -> None:
    """Ids of no object get the server's own 404, whichever way they are written."""
    for experiment in ("12345678", "-1", "0x0", "9999999999999999999999"):
        expected = answered(f"{stack.blue.url}{API}/experiments/get?experiment_id={experiment}", "GET")
        got = wire.head("GET", f"{API}/experiments/get?experiment_id={experiment}").answer()
        assert got.status == expected[0]
    created = call(stack.tightrope.url, "experiments/create", {"name": str(uuid.uuid4())})["experiment_id"]
    assert call(stack.tightrope.url, f"experiments/get?experiment_id={created}", method="GET")
