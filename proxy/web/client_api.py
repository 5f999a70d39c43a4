"""The client listener: every request that is not ours to answer goes through the forwarder.

It is a low-level aiohttp server without router and middlewares, because there is only one route: everything.
"""

from __future__ import annotations

import asyncio
import json
from itertools import count
from time import perf_counter
from uuid import uuid4

import structlog
from aiohttp import web

from proxy.core.messages import Headers, Request
from proxy.core.versions.bundle import direction_of
from proxy.errors import CannotTranslateError, OutcomeUnknownError, RequestError, TightropeError
from proxy.observe.metrics import Metrics
from proxy.services.census import Census
from proxy.services.exchange import Peer
from proxy.services.forwarder import Forwarder
from proxy.services.ports import Clock
from proxy.web.streaming import RequestBody, send

_log = structlog.get_logger(__name__)

_RETRY_AFTER_S = 5


class ClientApi:
    """Handles requests of MLflow's clients and browsers."""

    def __init__(self, forwarder: Forwarder, census: Census, metrics: Metrics, clock: Clock) -> None:
        self._forwarder = forwarder
        self._census = census
        self._metrics = metrics
        self._clock = clock
        self._prefix = uuid4().hex[:8]
        self._numbers = count(1)

    async def handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; nothing is raised to the server but cancellation."""
        began = perf_counter()
        request_id = f"{self._prefix}-{next(self._numbers)}"
        path, _, query = _target(incoming).partition("?")
        agent = incoming.headers.get("User-Agent", "")
        ours: Headers = (("x-tightrope-request-id", request_id),)
        status, operation, refused = 499, "unknown", False
        translated: tuple[str, ...] = ()
        try:
            reply = await self._forwarder.handle(
                Request(incoming.method, path, query), RequestBody(incoming), _peer(incoming), request_id
            )
            operation, status = reply.operation, reply.status
            if reply.translated:
                translated = reply.translated
                ours = (*ours, ("x-tightrope-translated", ",".join(translated)))
                for change in translated:
                    self._metrics.translations.inc(change, direction_of(change))
            return await send(incoming, reply, ours)
        except TightropeError as error:
            if incoming.transport is None or incoming.transport.is_closing():
                return web.Response(status=status)  # it broke off in the middle of the answer; this reaches nobody
            status = error.http_status
            operation = error.operation
            refused = isinstance(error, CannotTranslateError)
            self._note_refusal(error, operation, request_id, path)
            return self._rendered(error, ours, incoming)
        except asyncio.CancelledError:
            raise  # the client went away while we waited
        except ConnectionError:
            return web.Response(status=499)  # it went away while we answered; this reaches nobody
        except Exception:  # noqa: BLE001 - a fault of ours must look like MLflow's error, and be logged
            status = 500
            _log.exception("request failed unexpectedly", request_id=request_id, path=path)
            return self._rendered(TightropeError("Tightrope failed; its log says why"), ours, incoming)
        finally:
            self._metrics.request_answered(
                operation, incoming.method, status, perf_counter() - began, agent, translated=bool(translated)
            )
            self._census.note(agent, operation, translated, self._clock(), refused=refused)

    def _note_refusal(self, error: TightropeError, operation: str, request_id: str, path: str) -> None:
        self._metrics.refusals.inc(operation, type(error).__name__.removesuffix("Error"))
        level = _log.info if isinstance(error, RequestError) else _log.warning
        level("request refused", request_id=request_id, path=path, error=type(error).__name__, message=error.message)

    def _rendered(self, error: TightropeError, ours: Headers, incoming: web.BaseRequest) -> web.StreamResponse:
        """MLflow's JSON error, with our reason in headers."""
        message = error.message if error.verbatim else f"Tightrope: {error.message}"
        if error.hint:
            message = f"{message}. {error.hint}".strip()
        body = json.dumps({"error_code": error.code, "message": message}).encode()
        response = web.Response(status=error.http_status, body=body, content_type="application/json")
        for name, value in (*ours, ("x-tightrope-refused", type(error).__name__.removesuffix("Error"))):
            response.headers[name] = value
        if error.http_status == 503:
            response.headers["Retry-After"] = str(_RETRY_AFTER_S)
        if isinstance(error, (RequestError, OutcomeUnknownError)) and incoming.can_read_body:
            response.force_close()  # the rest of the body is not worth reading
        return response


def _target(incoming: web.BaseRequest) -> str:
    """The target exactly as it stood on the request line; an absolute one without its scheme and host."""
    raw = incoming.raw_path if hasattr(incoming, "raw_path") else incoming.path_qs
    if raw.startswith(("http://", "https://")):
        raw = "/" + raw.split("://", 1)[1].partition("/")[2]
    return raw


def _peer(incoming: web.BaseRequest) -> Peer:
    headers = tuple((name.decode("latin-1"), _text(value)) for name, value in incoming.raw_headers)
    return Peer(incoming.remote or "", incoming.scheme, headers)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
