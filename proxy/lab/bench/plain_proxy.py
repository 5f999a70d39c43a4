"""The reverse proxy that one writes in an afternoon: aiohttp on both sides, streaming, nothing else.

``python -m proxy.lab.bench.plain_proxy PORT UPSTREAM_URL``. It is the peer that shows what Python's usual parts cost
by themselves: it translates nothing, records nothing, mirrors nothing.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
from yarl import URL

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_PIECE = 65536


class PlainProxy:
    """Passes everything on to one server."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._session: aiohttp.ClientSession | None = None

    async def session(self, _app: web.Application) -> AsyncIterator[None]:
        """Keep a connection pool as long as the application runs."""
        connector = aiohttp.TCPConnector(limit=200)
        self._session = aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        async with self._session:
            yield

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Pass one request on and stream its answer back."""
        if self._session is None:
            raise web.HTTPServiceUnavailable
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in _HOP_BY_HOP and name.lower() != "host"
        }
        async with self._session.request(
            request.method,
            URL(self._upstream + request.path_qs, encoded=True),
            headers=headers,
            data=request.content if request.body_exists else None,
            allow_redirects=False,
        ) as upstream:
            kept = {name: value for name, value in upstream.headers.items() if name.lower() not in _HOP_BY_HOP}
            answer = web.StreamResponse(status=upstream.status, headers=kept)
            await answer.prepare(request)
            async for piece in upstream.content.iter_chunked(_PIECE):
                await answer.write(piece)
            await answer.write_eof()
            return answer


def application(upstream: str) -> web.Application:
    """The aiohttp application."""
    proxy = PlainProxy(upstream)
    app = web.Application(client_max_size=2**30)
    app.cleanup_ctx.append(proxy.session)
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    return app


if __name__ == "__main__":
    import uvloop

    uvloop.install()
    web.run_app(application(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
