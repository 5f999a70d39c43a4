"""Talking to the operator API."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxy.cli.admin_client import AdminClient
from proxy.errors import ConfigError, PreconditionFailedError, RequestError, TightropeError
from tests.cli.conftest import Api


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], str]]:
    """A server that gives one fixed answer, once."""
    open_sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def begin(answer: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        open_sockets.append(listener)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield begin
    for thread in threads:
        thread.join(10)
    for each in open_sockets:
        each.close()


def test_unreachable_says_how_to_start_it():
    """The commonest mistake has the best hint."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TightropeError, match="cannot reach the operator API") as caught:
        AdminClient(f"http://127.0.0.1:{port}").get("/api/v1/status")
    assert "tightrope serve" in caught.value.hint
    assert "--admin-url" in caught.value.hint


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_somebody_elses_server_is_recognised(answering: Callable[[bytes], str], answer: bytes):
    """A wrong port that answers is not mistaken for Tightrope."""
    with pytest.raises(TightropeError, match="is this Tightrope's admin listener"):
        AdminClient(answering(answer)).get("/api/v1/status")


def test_a_cut_off_answer_is_an_error(answering: Callable[[bytes], str]):
    """Half an answer is none."""
    with pytest.raises(TightropeError):
        AdminClient(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")).get("/api/v1/status")


def test_redirects_are_not_followed(answering: Callable[[bytes], str], start_api: Callable[..., Api]):
    """The token goes nowhere but to the URL that was given."""
    elsewhere = start_api()
    answer = f"HTTP/1.1 307 Moved\r\nLocation: {elsewhere.url}/api/v1/hold\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(TightropeError, match="HTTP 307"):
        AdminClient(answering(answer.encode()), "s3cret").get("/api/v1/status")
    assert elsewhere.operator.calls == []


def test_proxies_of_the_environment_are_not_used(api: Api, monkeypatch: pytest.MonkeyPatch):
    """HTTP_PROXY is for the world outside."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    assert AdminClient(api.url).get("/api/v1/phase")["phase"] == "mirroring"


def test_statuses_become_the_matching_errors(api: Api):
    """409 is a refusal, 400 a misuse."""
    client = AdminClient(api.url)
    with pytest.raises(PreconditionFailedError, match="no way"):
        client.post("/api/v1/phase", {"to": "green_only"})
    with pytest.raises(RequestError, match="dryrun"):
        client.post("/api/v1/cutover", {"dryrun": True})
    with pytest.raises(TightropeError, match="no record 99"):
        client.get("/api/v1/journal/99")


def test_token_and_token_file(start_api: Callable[..., Api], tmp_path: Path):
    """Either opens; none is told what is missing."""
    api = start_api(token="s3cret")
    file = tmp_path / "token"
    file.write_text("s3cret\n")
    AdminClient(api.url, "s3cret").post("/api/v1/release", {})
    AdminClient(api.url, None, file).post("/api/v1/release", {})
    assert len(api.operator.calls) == 2
    with pytest.raises(TightropeError, match="a token is needed") as caught:
        AdminClient(api.url).post("/api/v1/release", {})
    assert "TIGHTROPE_ADMIN__TOKEN" in caught.value.hint


@pytest.mark.parametrize("url", ["127.0.0.1:9500", "ftp://x", "http://", "file:///etc/passwd"])
def test_wrong_urls_are_usage_errors(url: str):
    """Nothing is opened that is no HTTP."""
    with pytest.raises(ConfigError, match="is not a URL"):
        AdminClient(url)


def test_missing_token_file_is_a_usage_error(tmp_path: Path):
    """And no traceback."""
    with pytest.raises(ConfigError, match="cannot be read"):
        AdminClient("http://127.0.0.1:1", None, tmp_path / "none")
