"""HTTP by the byte: sends what no library would, and reads the answers."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.client import HTTPResponse
from types import TracebackType


@dataclass(frozen=True)
class RawAnswer:
    """One answer."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def is_json_error(self) -> bool:
        """Whether it has the form of MLflow's errors."""
        return self.headers.get("content-type", "").startswith("application/json") and b'"error_code"' in self.body


class RawConnection(AbstractContextManager["RawConnection"]):
    """One TCP connection to 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._reader = self.socket.makefile("rb")

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._reader.close()
        self.socket.close()

    def send(self, data: bytes) -> RawConnection:
        """Send bytes as they are."""
        self.socket.sendall(data)
        return self

    def head(self, method: str, target: str, *headers: str) -> RawConnection:
        """Send the head of a request, with a Host."""
        lines = [f"{method} {target} HTTP/1.1", "Host: proxy.example", *headers, "", ""]
        return self.send("\r\n".join(lines).encode("latin-1"))

    def request(self, method: str, target: str, body: bytes = b"", *headers: str) -> RawConnection:
        """Send a request with a JSON body."""
        sized = (f"Content-Length: {len(body)}", "Content-Type: application/json")
        return self.head(method, target, *sized, *headers).send(body)

    def line(self) -> bytes:
        """The next line as it came; empty at the end of the connection."""
        return self._reader.readline()

    def answer(self, method: str = "GET") -> RawAnswer:
        """The next answer.

        Raises:
            http.client.HTTPException, OSError: there is none.
        """
        response = HTTPResponse(_Kept(self._reader), method=method)  # type: ignore[arg-type]  # only makefile is used
        response.begin()
        return RawAnswer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


class _Kept:
    """Gives HTTPResponse the one buffered reader, so that pipelined answers are not lost between two of them."""

    def __init__(self, reader: object) -> None:
        self._reader = reader

    def makefile(self, *_: object) -> object:
        return _Uncloseable(self._reader)


class _Uncloseable:
    def __init__(self, reader: object) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> object:
        return getattr(self._reader, name)

    def close(self) -> None:
        """The connection goes on."""

    def flush(self) -> None:
        """Nothing is written."""
