"""Reads HTTP/1.1 answers for the load generator: by length, chunked, or until the connection ends."""

from __future__ import annotations

from typing import NamedTuple

from proxy.lab.failures import LabError

_LENGTH = b"\r\ncontent-length:"
_CHUNKED = b"\r\ntransfer-encoding: chunked"
_CLOSE = b"\r\nconnection: close"
_NO_BODY = frozenset({204, 304})


class Answer(NamedTuple):
    """One complete answer."""

    status: int
    body: bytes
    keep_open: bool
    """Whether the connection can take another request."""


class AnswerReader:
    """One answer at a time, no pipelining.

    Answers here are a few kB and mostly come in one piece, so the whole is looked at again when a further piece comes.
    """

    def __init__(self) -> None:
        self._held = b""

    @property
    def begun(self) -> bool:
        """Whether part of an answer has come."""
        return bool(self._held)

    def feed(self, data: bytes) -> Answer | None:
        """Take a piece; returns the answer once it is complete.

        Raises:
            LabError: this is no HTTP/1.1 answer, or more than one.
        """
        data = self._held + data if self._held else data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._held = data
            return None
        head = data[:end].lower()
        status = _status(head)
        keep_open = head.startswith(b"http/1.1") and _CLOSE not in head
        body: bytes | None
        if status in _NO_BODY:
            body = data[end + 4 :]
        elif (found := head.find(_LENGTH)) >= 0:
            length = int(head[found + len(_LENGTH) :].split(b"\r\n", 1)[0])
            body = data[end + 4 :]
            if len(body) > length:
                raise LabError(f"{len(body) - length} bytes beyond the end of an answer")
            body = body if len(body) == length else None
        elif _CHUNKED in head:
            body = _joined(data, end + 4)
        else:
            body = None  # it ends with the connection: see `finish`
        if body is None:
            self._held = data
            return None
        self._held = b""
        return Answer(status, body, keep_open)

    def finish(self) -> Answer | None:
        """The connection ended; returns the answer if that is how it says that it is complete."""
        data, self._held = self._held, b""
        head, separator, body = data.partition(b"\r\n\r\n")
        head = head.lower()
        if not separator or _LENGTH in head or _CHUNKED in head:
            return None
        return Answer(_status(head), body, keep_open=False)


def _status(head: bytes) -> int:
    if not head.startswith(b"http/1.") or not head[9:12].isdigit():
        raise LabError(f"not an HTTP/1.1 answer: {head[:40]!r}")
    return int(head[9:12])


def _joined(data: bytes, position: int) -> bytes | None:
    """The body made of the chunks from ``position`` on; None while some are missing."""
    pieces: list[bytes] = []
    while True:
        line_end = data.find(b"\r\n", position)
        if line_end < 0:
            return None
        size = int(data[position:line_end].split(b";", 1)[0], 16)
        begin = line_end + 2
        if len(data) < begin + size + 2:
            return None
        if size == 0:
            return b"".join(pieces)
        pieces.append(data[begin : begin + size])
        position = begin + size + 2
