"""Streams of unknown length, given one."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest

from proxy.services.spool import spooled

MEGABYTE = 1024 * 1024


async def stream(*pieces: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if error is not None:
        raise error


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The spool files that were made."""
    made: list[Any] = []
    original = tempfile.SpooledTemporaryFile

    def make(**options: Any) -> Any:
        made.append(original(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", make)
    return made


@pytest.mark.parametrize(
    ("pieces", "on_disk"),
    [
        ((), False),
        ((b"",), False),
        ((b"a", b"", b"bc"), False),
        ((b"x" * MEGABYTE,), False),
        ((b"x" * MEGABYTE, b"y"), True),
        (tuple(bytes([number]) * 700_000 for number in range(5)), True),
    ],
)
async def test_what_goes_in_comes_out(files, pieces, on_disk):
    """Every byte in its order and their number, from memory or from a file, and no file is left."""
    body, length = await spooled(stream(*pieces))
    assert files[0]._rolled == on_disk
    assert b"".join([piece async for piece in body]) == b"".join(pieces)
    assert length == sum(map(len, pieces))
    assert files[0].closed


async def test_pieces_are_of_bounded_size():
    """A large body is handed on in pieces, however it came."""
    body, _ = await spooled(stream(b"x" * (3 * MEGABYTE)))
    assert max([len(piece) async for piece in body]) <= 256 * 1024


@pytest.mark.parametrize("size", [10, 2 * MEGABYTE])
async def test_a_stream_that_breaks_leaves_no_file(files, size):
    """The error of the sender is passed on and what was kept of its body is gone."""
    with pytest.raises(ConnectionResetError):
        await spooled(stream(b"x" * size, error=ConnectionResetError()))
    assert files[0].closed


@pytest.mark.parametrize("size", [10, 2 * MEGABYTE])
async def test_a_reader_that_stops_leaves_no_file(files, size):
    """Closing the stream half-way closes what it was read from."""
    body, _ = await spooled(stream(b"x" * size))
    assert isinstance(body, AsyncGenerator)
    await anext(body)
    await body.aclose()
    assert files[0].closed
