"""Which headers travel through a proxy, and which are made anew.

Source: hop-by-hop fields and the rule that ``Connection`` names more of them, RFC 9110 section 7.6.1; MLflow servers
from 3.5 on refuse unknown ``Host`` values and foreign ``Origin`` values of state-changing requests.
"""

from __future__ import annotations

from collections.abc import Iterable

from proxy.core.messages import Headers, header

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_MADE_ANEW = frozenset({"host", "content-length", "expect"})
_OURS = "x-tightrope-"


def to_upstream(headers: Headers, *, client_ip: str, scheme: str) -> Headers:
    """A client's headers as they go to a tracking server.

    ``Host`` and ``Content-Length`` are left to the HTTP client. ``Origin`` and ``Referer`` are dropped when the page
    came from ourselves, because the server would take our address for a foreign one; a truly foreign ``Origin``
    passes, so that the server's own protection against cross-site requests still works.
    """
    dropped = _HOP_BY_HOP | _MADE_ANEW | _named_by_connection(headers)
    host = header(headers, "host")
    origin = header(headers, "origin")
    if origin is not None and host is not None and origin.partition("://")[2] == host:
        dropped |= {"origin", "referer"}
    kept = [(name, value) for name, value in headers if (low := name.lower()) not in dropped and not _forwarded(low)]
    before = _every(headers, "x-forwarded-for")
    kept.append(("X-Forwarded-For", f"{before}, {client_ip}" if before else client_ip))
    kept.append(("X-Forwarded-Proto", header(headers, "x-forwarded-proto") or scheme))
    if host is not None:
        kept.append(("X-Forwarded-Host", header(headers, "x-forwarded-host") or host))
    return tuple(kept)


def to_client(headers: Headers, *, keep_length: bool) -> Headers:
    """A server's headers as they go to the client.

    Args:
        headers: the server's.
        keep_length: the body passes unchanged, so its length still holds.
    """
    dropped = _HOP_BY_HOP | _named_by_connection(headers)
    if not keep_length:
        dropped |= {"content-length", "etag", "content-md5"}
    return tuple((name, value) for name, value in headers if name.lower() not in dropped)


def without(headers: Headers, names: Iterable[str]) -> Headers:
    """The headers without those named."""
    gone = {name.lower() for name in names}
    return tuple((name, value) for name, value in headers if name.lower() not in gone)


def _forwarded(lowered: str) -> bool:
    return lowered in {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"} or lowered.startswith(_OURS)


def _named_by_connection(headers: Headers) -> frozenset[str]:
    return frozenset(part.strip().lower() for part in _every(headers, "connection").split(","))


def _every(headers: Headers, name: str) -> str:
    """A list header that may stand on several lines, as one line."""
    return ", ".join(value for key, value in headers if key.lower() == name)
