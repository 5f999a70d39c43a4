"""Bodies of unknown length, given a length: kept in memory while small, in a temporary file when not."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator

_IN_MEMORY_BYTES = 1024 * 1024
_PIECE_BYTES = 256 * 1024


async def spooled(chunks: AsyncIterator[bytes]) -> tuple[AsyncIterator[bytes], int]:
    """Read a stream to its end; returns it again, with its length in bytes.

    The temporary file has no name and is gone when the returned stream is exhausted, closed or dropped.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by the stream below
    length = 0
    try:
        async for piece in chunks:
            length += len(piece)
            if length > _IN_MEMORY_BYTES:
                await asyncio.to_thread(file.write, piece)
            else:
                file.write(piece)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return _read_out(file, on_disk=length > _IN_MEMORY_BYTES), length


async def _read_out(file: tempfile.SpooledTemporaryFile[bytes], *, on_disk: bool) -> AsyncIterator[bytes]:
    with file:
        while True:
            piece = await asyncio.to_thread(file.read, _PIECE_BYTES) if on_disk else file.read(_PIECE_BYTES)
            if not piece:
                return
            yield piece
