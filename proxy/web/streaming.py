"""Bodies in and out of the client listener."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.http import HttpVersion11

from proxy.core.http_headers import to_client
from proxy.core.messages import Headers, header
from proxy.errors import BodyTooLargeError, ClientGoneError, UpstreamError
from proxy.services.conversation import Reply
from proxy.services.spool import spooled

_EMPTY_STATUSES = frozenset({204, 304})
_SMALL_BYTES = 64 * 1024


class RequestBody:
    """The body of one client request (fits ``ports.BodySource``)."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self.length = _declared_length(request)

    async def read(self, limit: int) -> bytes:
        """The whole body, at most ``limit`` bytes."""
        if self.length == 0:
            return b""
        if self.length is not None and self.length > limit:
            raise _too_large(self.length, limit)
        pieces: list[bytes] = []
        total = 0
        async for piece in self.chunks():
            total += len(piece)
            if total > limit:
                raise _too_large(total, limit)
            pieces.append(piece)
        return b"".join(pieces)

    async def sized(self) -> tuple[AsyncIterator[bytes], int]:
        """The body as a stream with its length."""
        if self.length is not None:
            return self.chunks(), self.length
        return await spooled(self.chunks())

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        await self._continue()
        try:
            async for piece in self._request.content.iter_any():
                yield piece
        except (web.RequestPayloadError, ConnectionError, EOFError) as exc:
            raise ClientGoneError("the request's body ended before its end") from exc

    async def _continue(self) -> None:
        """Tell a client that waits for it (curl, with bodies over 1 MiB) to go on."""
        request = self._request
        if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11:
            transport = request.transport
            if transport is not None:
                transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


async def send(request: web.BaseRequest, reply: Reply, extra: Headers) -> web.StreamResponse:
    """Send a reply; a streamed one is passed on piece by piece."""
    stream = reply.stream
    if stream is None:
        return _whole(reply, reply.body, extra)
    try:
        if request.method != "HEAD" and _is_small(reply.headers):  # one write instead of three
            return _whole(reply, await stream.read(), extra)
        outgoing = web.StreamResponse(status=reply.status)
        _set_headers(outgoing, (*to_client(reply.headers, keep_length=True), *extra))
        await outgoing.prepare(request)
        if request.method != "HEAD" and reply.status not in _EMPTY_STATUSES:
            try:
                async for piece in stream.chunks():
                    await outgoing.write(piece)
            except UpstreamError:
                # The head is out, so the only honest end is to break off: no second answer, no short body that
                # looks whole.
                if request.transport is not None:
                    request.transport.abort()
                raise
        await outgoing.write_eof()
        return outgoing
    finally:
        await stream.close()


def _whole(reply: Reply, body: bytes, extra: Headers) -> web.Response:
    response = web.Response(status=reply.status, body=body)
    # A stream that was read passes unchanged; any other body may have been rewritten.
    _set_headers(response, (*to_client(reply.headers, keep_length=reply.stream is not None), *extra))
    return response


def _is_small(headers: Headers) -> bool:
    length = header(headers, "content-length")
    return length is not None and length.isdecimal() and int(length) <= _SMALL_BYTES


def _set_headers(response: web.StreamResponse, headers: Headers) -> None:
    """Exactly these headers; aiohttp would add a content type that the server did not give."""
    for name, value in headers:
        response.headers.add(name, value)
    if not any(name.lower() == "content-type" for name, _ in headers):
        response.headers.popall("Content-Type", None)


def _declared_length(request: web.BaseRequest) -> int | None:
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        return None
    return request.content_length or 0


def _too_large(size: int, limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(
        f"the JSON body has {size} bytes or more; at most {limit} are taken",
        hint="Raise limits.max_json_body_bytes, or send large data as an artifact.",
    )
