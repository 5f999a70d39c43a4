"""Bodies pass piece by piece: an upstream that only goes on when the other end has seen the first piece."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from proxy.lab.tightrope import Tightrope
from tests.e2e.raw_http import RawConnection

pytestmark = [pytest.mark.timeout(60)]


class Upstream(ThreadingHTTPServer):
    """Streams events down, and notes when the first half of an upload has come."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen_by_client = threading.Event()
        self.first_half_came = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path != "/events":
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        self.wfile.flush()
        if self.server.seen_by_client.wait(30):
            self.wfile.write(b"data: second\n\n")

    def do_PUT(self) -> None:
        half = int(self.headers["Content-Length"]) // 2
        self.rfile.read(half)
        self.server.first_half_came.set()
        self.rfile.read(half)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the parameter's name in http.server)
        pass


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A server that runs."""
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.seen_by_client.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def wire(upstream: Upstream, tmp_path: Path) -> Iterator[RawConnection]:
    """A connection to a Tightrope in front of it."""
    blue = f"http://127.0.0.1:{upstream.server_port}"
    with Tightrope(tmp_path, blue=blue) as tightrope, RawConnection(tightrope.port) as connection:
        yield connection


def test_down(upstream: Upstream, wire: RawConnection) -> None:
    """The first event reaches the client before the server has sent the second."""
    wire.head("GET", "/events")
    while wire.line().strip() != b"data: first":
        assert not upstream.seen_by_client.is_set()
    upstream.seen_by_client.set()
    while (line := wire.line()).strip() != b"data: second":
        assert line, "the stream ended before the second event"


@pytest.mark.parametrize("path", ["/unknown/upload", "/api/2.0/mlflow-artifacts/artifacts/0/a.bin"])
def test_up(upstream: Upstream, wire: RawConnection, path: str) -> None:
    """The first half of an upload reaches the server before the client has sent the second."""
    half = b"x" * 100_000
    wire.head("PUT", path, f"Content-Length: {2 * len(half)}").send(half)
    assert upstream.first_half_came.wait(30)
    assert wire.send(half).answer("PUT").status == 204
