"""Talks to a running proxy's operator API, with nothing but the standard library."""

from __future__ import annotations

import getpass
import json
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from proxy.errors import ConfigError, PreconditionFailedError, RequestError, TightropeError

TIMEOUT_S = 30.0
_START = "is the proxy running? `tightrope serve -c FILE` starts it; --admin-url (TIGHTROPE_ADMIN_URL) says where it is"


class _NoRedirects(HTTPRedirectHandler):
    """urllib would carry the token along to wherever a redirect leads."""

    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        """Never."""


class AdminClient:
    """One operator API.

    Args:
        url: of the admin listener, e.g. ``http://127.0.0.1:9500``.
        token: bearer token, None where none is configured.
        token_file: file to read it from instead.

    Raises:
        ConfigError: the URL or the file is no good.
    """

    def __init__(self, url: str, token: str | None = None, token_file: Path | None = None) -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
            raise ConfigError(f"--admin-url {url!r} is not a URL", hint="e.g. http://127.0.0.1:9500")
        if token is None and token_file is not None:
            try:
                token = token_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as exc:
                raise ConfigError(f"the token file {str(token_file)!r} cannot be read: {exc}") from exc
        self._url = url.rstrip("/")
        self._token = token
        # No proxies: HTTP_PROXY is for the world outside, and must not see operators' commands.
        self._opener = build_opener(ProxyHandler({}), _NoRedirects())

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object at ``path``. Raises as ``post``."""
        return self._call("GET", path, None, TIMEOUT_S)

    def post(self, path: str, body: dict[str, Any], timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        """Send ``body`` and return the answer; a move that was refused or aborted is an answer, too.

        Raises:
            PreconditionFailedError: refused (409).
            RequestError: the request makes no sense to the server (400).
            TightropeError: not reached, not authorised, no answer in time, or an error of the server.
        """
        return self._call("POST", path, body, timeout_s)

    def _call(self, method: str, path: str, body: dict[str, Any] | None, timeout_s: float) -> dict[str, Any]:
        headers = {"Accept": "application/json", "x-tightrope-actor": _user()}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps({key: value for key, value in body.items() if value is not None}).encode()
        request = Request(self._url + path, data=data, headers=headers, method=method)  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=timeout_s) as answer:
                return _parse(answer.read(), self._url)
        except HTTPError as exc:
            return _refusal(exc, self._url)
        except TimeoutError as exc:
            raise TightropeError(
                f"no answer from {self._url} within {timeout_s:g} s", hint="`tightrope status` shows where it stands"
            ) from exc
        except (URLError, OSError, HTTPException) as exc:
            reason = getattr(exc, "reason", None) or exc
            raise TightropeError(f"cannot reach the operator API at {self._url}: {reason}", hint=_START) from exc


def _refusal(error: HTTPError, url: str) -> dict[str, Any]:
    """What an error status means: a report, or the matching exception."""
    try:
        answer = _parse(error.read(), url)
    except (TightropeError, OSError):
        answer = {}
    if "outcome" in answer:
        return answer
    message = str(answer.get("message") or f"{url} answered HTTP {error.code}; is this Tightrope's admin listener?")
    hint = str(answer.get("hint") or "")
    if error.code == 409:
        raise PreconditionFailedError(message, hint=hint) from error
    if error.code == 400:
        raise RequestError(message, hint=hint) from error
    raise TightropeError(message, hint=hint) from error


def _parse(body: bytes, url: str) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError as exc:
        raise TightropeError(f"{url} answered no JSON; is this Tightrope's admin listener?") from exc
    if not isinstance(answer, dict):
        raise TightropeError(f"{url} answered no JSON object; is this Tightrope's admin listener?")
    return answer


def _user() -> str:
    """Who types, for the audit log."""
    try:
        return getpass.getuser().encode("ascii", "replace").decode()
    except (OSError, KeyError):  # a user id without a name, as in many containers
        return "unknown"
