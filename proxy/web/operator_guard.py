"""Who may use the operator API, and how its errors look.

Reading figures is open to whoever reaches the listener (Prometheus, load balancers). Whatever changes state, and what
shows clients' data (journal, audit log), needs the bearer token. Without a token the listener is on this machine only
(the configuration sees to that); then a web page that a browser of this machine happens to show could still send
requests here, so changes must be declared as JSON, which browsers do not let foreign pages do, and the ``Host`` must
be this machine, which defeats names that were re-bound to 127.0.0.1.
"""

from __future__ import annotations

import hmac
import re
from urllib.parse import urlsplit

import orjson
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from proxy.config.types import is_loopback
from proxy.errors import TightropeError

ACTOR_HEADER = "x-tightrope-actor"
_SHOWS_DATA = ("/api/v1/journal", "/api/v1/audit")
_UNPRINTABLE = re.compile(r"[^ -~]")
_LONGEST_ACTOR = 100
_log = structlog.get_logger(__name__)


def json_response(data: object, status: int = 200) -> web.Response:
    """``data`` as JSON."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def error_response(status: int, code: str, message: str, hint: str = "") -> web.Response:
    """``{"error_code": …, "message": …, "hint": …}``."""
    return json_response({"error_code": code, "message": message, "hint": hint}, status)


def actor_of(request: web.Request) -> str:
    """Who asks, for the audit log: what the caller says of itself and the address that it cannot choose."""
    said = _UNPRINTABLE.sub("?", request.headers.get(ACTOR_HEADER, "")).strip()[:_LONGEST_ACTOR]
    return f"{said or 'unknown'} from {request.remote or 'unknown'}"


def guard(token: str | None) -> Middleware:
    """The middleware that lets only authorised changes pass."""
    wanted = None if token is None else token.encode()

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        changes = request.method not in {"GET", "HEAD", "OPTIONS"}
        if changes or request.path.startswith(_SHOWS_DATA):
            refused = _refuse_token(request, wanted) if wanted is not None else _refuse_foreign(request, changes)
            if refused is not None:
                _log.warning(
                    "operator request refused", path=request.path, status=refused.status, actor=actor_of(request)
                )
                return refused
        return await handler(request)

    return check


def _refuse_token(request: web.Request, wanted: bytes) -> web.Response | None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # compare_digest takes as long for a wrong token as for a right one; bytes, because it refuses non-ASCII text.
    if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), wanted):
        return None
    message = "the token is wrong" if scheme else "a token is needed"
    hint = "send `Authorization: Bearer TOKEN`; for the command line, set TIGHTROPE_ADMIN__TOKEN or --token"
    response = error_response(401, "UNAUTHENTICATED", message, hint)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _refuse_foreign(request: web.Request, changes: bool) -> web.Response | None:
    if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        hint = "use 127.0.0.1 or localhost, or configure admin.token_file"
        return error_response(
            403, "PERMISSION_DENIED", f"without a token, {request.host!r} is no address of ours", hint
        )
    if changes and request.content_type != "application/json":
        hint = "send `Content-Type: application/json`"
        return error_response(415, "INVALID_PARAMETER_VALUE", "changes must be sent as JSON", hint)
    return None


@web.middleware
async def render_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into the JSON form."""
    try:
        return await handler(request)
    except TightropeError as exc:
        return error_response(exc.http_status, exc.code, exc.message, exc.hint)
    except web.HTTPException as exc:
        code = "ENDPOINT_NOT_FOUND" if exc.status in {404, 405} else "INVALID_PARAMETER_VALUE"
        return error_response(exc.status, code, f"{exc.reason}: {request.method} {request.path}")
    except Exception:  # noqa: BLE001 - the last resort: logged in full, and the operator still gets JSON
        _log.exception("operator request failed", path=request.path)
        return error_response(500, "INTERNAL_ERROR", "an unexpected error; the log has the details")
