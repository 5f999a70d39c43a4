"""One tracking server over HTTP."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from yarl import URL

from proxy.backends.connector import KEEPALIVE_S, QuickAckConnector, acknowledge_at_once
from proxy.backends.detect import detect_version, offers_workspaces
from proxy.config.sides import SideSettings
from proxy.core.messages import Headers, Request, Response, Side
from proxy.core.mlflow_version import Version
from proxy.errors import NotReachedError, OutcomeUnknownError, UpstreamError, UpstreamTimeoutError

_REPEATABLE = frozenset({"GET", "HEAD"})
_HEALTH_TIMEOUT_S = 5.0
_DETECT_EVERY_S = 15.0
"""A server may be replaced behind its URL; health checks come more often than that."""


class HttpAnswer:
    """A server's answer whose body has not been read yet."""

    def __init__(self, side: Side, response: aiohttp.ClientResponse) -> None:
        self._side = side
        self._response = response
        self.status = response.status
        self.headers: Headers = tuple((name.decode(), _text(value)) for name, value in response.raw_headers)

    async def read(self) -> bytes:
        """The whole body.

        Raises:
            OutcomeUnknownError: it was cut off.
        """
        with _translated(self._side):
            return await self._response.read()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body piece by piece, as it arrives.

        Raises:
            OutcomeUnknownError: it was cut off.
        """
        with _translated(self._side):
            async for piece in self._response.content.iter_any():
                yield piece

    async def close(self) -> None:
        """Give the connection back when the body was read to its end, drop it otherwise."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


class HttpBackend:
    """One tracking server behind a URL.

    Nothing is retried here except a read whose pooled connection turned out to be dead before the first byte of an
    answer; a write that may have happened is never sent twice.
    """

    def __init__(
        self, side: Side, settings: SideSettings, *, call_timeout_s: float = 60.0, copy_timeout_s: float = 3600.0
    ) -> None:
        """Make a backend that is not open yet.

        Args:
            side: which one it is.
            settings: where and how.
            call_timeout_s: how long one of our own calls may take in all.
            copy_timeout_s: how long one transfer of ours (an artifact) may take in all.
        """
        self.side = side
        self.url = settings.url
        self.version: Version | None = settings.version
        self.workspaces = True
        self._fixed_version = settings.version is not None
        self._detect_again_at = 0.0
        self._settings = settings
        self._own_headers = _own_headers(settings)
        self._call_timeout = self._timeout(call_timeout_s)
        self._copy_timeout = self._timeout(copy_timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connection pool (no connection yet)."""
        settings = self._settings
        connector = QuickAckConnector(
            limit=settings.max_connections, keepalive_timeout=KEEPALIVE_S, ttl_dns_cache=10, ssl=_ssl(settings)
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout(None),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            read_bufsize=2**18,
        )
        # aiohttp repeats PUT and DELETE by itself when a pooled connection breaks; a write is never blindly repeated.
        # Its own test client switches this off the same way.
        self._session._retry_connection = False  # noqa: SLF001

    async def stop(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def open(
        self, request: Request, *, body: AsyncIterator[bytes] | None = None, length: int | None = None
    ) -> HttpAnswer:
        """Send a request and return as soon as the head of the answer is there (see ``ports.Backend``)."""
        return await self._open(request, body, length, self._timeout(None))

    async def open_own(
        self, request: Request, *, body: AsyncIterator[bytes] | None = None, length: int | None = None
    ) -> HttpAnswer:
        """As ``open``, with this side's own credential and the time limit of copies."""
        return await self._open(self._as_own(request), body, length, self._copy_timeout)

    async def call(self, request: Request) -> Response:
        """Send one of our own requests and read the answer in full."""
        answer = await self._open(self._as_own(request), None, None, self._call_timeout)
        try:
            return Response(answer.status, answer.headers, await answer.read())
        finally:
            await answer.close()

    async def healthy(self) -> bool:
        """Whether the server answers; detects its version on the way. Never raises."""
        try:
            return await asyncio.wait_for(self._probe(), _HEALTH_TIMEOUT_S)
        except (NotReachedError, OutcomeUnknownError, asyncio.TimeoutError):
            return False

    async def _probe(self) -> bool:
        answer = await self.call(Request("GET", "/health"))
        now = asyncio.get_running_loop().time()
        if self.version is None or now >= self._detect_again_at:
            if not self._fixed_version:
                self.version = await detect_version(self.call) or self.version
            self.workspaces = await offers_workspaces(self.call, self.version)
            self._detect_again_at = now + _DETECT_EVERY_S
        return answer.status < 500

    def look_again(self) -> None:
        """Another server may be behind the URL now: the next health check finds out which."""
        self._detect_again_at = 0.0

    def _timeout(self, total_s: float | None) -> aiohttp.ClientTimeout:
        settings = self._settings
        return aiohttp.ClientTimeout(
            total=total_s, sock_connect=settings.connect_timeout_s, sock_read=settings.read_timeout_s
        )

    def _as_own(self, request: Request) -> Request:
        headers = (*request.headers, *self._own_headers)
        return Request(request.method, request.path, request.query, headers, request.body)

    async def _open(
        self,
        request: Request,
        body: AsyncIterator[bytes] | None,
        length: int | None,
        timeout: aiohttp.ClientTimeout,
    ) -> HttpAnswer:
        try:
            return await self._send(request, body, length, timeout)
        except OutcomeUnknownError as error:
            if request.method not in _REPEATABLE or isinstance(error, UpstreamTimeoutError):
                raise
            return await self._send(request, body, length, timeout)

    async def _send(
        self,
        request: Request,
        body: AsyncIterator[bytes] | None,
        length: int | None,
        timeout: aiohttp.ClientTimeout,
    ) -> HttpAnswer:
        if self._session is None:
            raise NotReachedError(f"{self.side.value} server: the connection pool is not open")
        headers: list[tuple[str, str]] = list(request.headers)
        if body is not None:
            headers.append(("Content-Length", str(length)))
        elif request.body or request.method in {"POST", "PUT", "PATCH"}:
            headers.append(("Content-Length", str(len(request.body))))
        with _translated(self.side):
            response = await self._session.request(
                request.method,
                URL(self.url + request.target, encoded=True),
                headers=headers,
                data=body if body is not None else request.body or None,
                allow_redirects=False,
                timeout=timeout,
            )
        acknowledge_at_once(response.connection.transport if response.connection is not None else None)
        return HttpAnswer(self.side, response)


@contextmanager
def _translated(side: Side) -> Iterator[None]:
    """Foreign exceptions become ours at this edge."""
    try:
        yield
    except (aiohttp.ClientError, asyncio.TimeoutError, ConnectionError, EOFError) as exc:
        error = _as_ours(f"{side.value} server", exc)
        error.side = side.value
        raise error from exc


def _as_ours(name: str, exc: Exception) -> UpstreamError:
    if isinstance(exc, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return NotReachedError(f"{name} cannot be reached: {exc}")
    if isinstance(exc, asyncio.TimeoutError):  # aiohttp's own time-outs are among these
        return UpstreamTimeoutError(f"{name} gave no answer in time")
    return OutcomeUnknownError(f"{name} broke off before answering: {exc or type(exc).__name__}")


def _own_headers(settings: SideSettings) -> Headers:
    agent = ("User-Agent", "tightrope")
    if settings.token is not None:
        return (agent, ("Authorization", f"Bearer {settings.token.get_secret_value()}"))
    if settings.username is not None:
        password = settings.password.get_secret_value() if settings.password is not None else ""
        pair = base64.b64encode(f"{settings.username}:{password}".encode()).decode()
        return (agent, ("Authorization", f"Basic {pair}"))
    return (agent,)


def _ssl(settings: SideSettings) -> Any:
    """The TLS context; True means the library's default."""
    tls = settings.tls
    if tls.ca_file is None and tls.cert_file is None and tls.verify:
        return True
    context = ssl.create_default_context(cafile=str(tls.ca_file) if tls.ca_file else None)
    if tls.cert_file is not None:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _text(value: bytes) -> str:
    """Header bytes as text that survives the way back (obsolete latin-1 bytes included)."""
    return value.decode("utf-8", "surrogateescape")
