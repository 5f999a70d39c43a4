"""Which headers travel."""

from __future__ import annotations

import pytest

from proxy.core.http_headers import to_client, to_upstream, without
from proxy.core.messages import Headers


def upstream(*headers: tuple[str, str]) -> Headers:
    return to_upstream(headers, client_ip="10.0.0.7", scheme="http")


def named(headers: Headers, name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name.lower()]


HOP_BY_HOP = [
    "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
    "Transfer-Encoding", "Upgrade",
]  # fmt: skip


@pytest.mark.parametrize("name", HOP_BY_HOP)
def test_hop_by_hop_headers_end_here(name):
    """Headers of one connection go neither to the server nor to the client, whatever their case."""
    for spelled in (name, name.upper(), name.lower()):
        assert named(upstream((spelled, "x")), name) == []
        assert to_client(((spelled, "x"),), keep_length=True) == ()


def test_headers_named_by_connection_end_here():
    """``Connection`` names further headers of this hop, on one line or on several."""
    headers = (
        ("Connection", "close, X-One"),
        ("connection", "x-two"),
        ("X-One", "1"),
        ("X-TWO", "2"),
        ("X-Three", "3"),
    )
    assert to_client(headers, keep_length=True) == (("X-Three", "3"),)
    assert [name for name, _ in upstream(*headers) if not name.startswith("X-Forwarded")] == ["X-Three"]


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Expect"])
def test_headers_that_are_made_anew_are_not_passed(name):
    """The HTTP client states host and length itself, and waits for nobody's ``100 Continue``."""
    assert named(upstream((name, "x")), name) == []


def test_everything_else_passes_in_order():
    """Credentials, cookies, repeated and unknown headers reach the serving side as they are."""
    headers = (("Authorization", "Basic x"), ("Cookie", "a=1"), ("cookie", "b=2"), ("X-Any", ""), ("Accept", "*/*"))
    assert upstream(*headers)[: len(headers)] == headers


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_our_own_origin_is_dropped(scheme):
    """A page that came from us would look foreign to the server, which knows us by another address."""
    sent = upstream(("Host", "proxy:5000"), ("Origin", f"{scheme}://proxy:5000"), ("Referer", "http://proxy:5000/#/"))
    assert named(sent, "origin") == named(sent, "referer") == []


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://proxy:5001", "http://proxy:5000.evil.example"]
)
def test_a_foreign_origin_is_kept(origin):
    """The server's protection against requests from other sites must still see them."""
    sent = upstream(("Host", "proxy:5000"), ("Origin", origin), ("Referer", f"{origin}/x"))
    assert named(sent, "origin") == [origin]
    assert named(sent, "referer") == [f"{origin}/x"]


def test_an_origin_without_a_host_is_kept():
    """Without a host there is nothing that the origin could be the same as."""
    assert named(upstream(("Origin", "http://x")), "origin") == ["http://x"]


def test_the_first_proxy_says_who_asked():
    """Address, scheme and host of the client are passed on."""
    assert upstream(("Host", "proxy:5000")) == (
        ("X-Forwarded-For", "10.0.0.7"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", "proxy:5000"),
    )


def test_a_further_proxy_joins_the_chain():
    """What earlier proxies said is kept, the address of the last one is appended, one header stays one."""
    sent = upstream(
        ("Host", "inner:5000"),
        ("x-forwarded-for", "1.1.1.1"),
        ("X-Forwarded-For", "2.2.2.2, 3.3.3.3"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "mlflow.example.com"),
    )
    assert named(sent, "x-forwarded-for") == ["1.1.1.1, 2.2.2.2, 3.3.3.3, 10.0.0.7"]
    assert named(sent, "x-forwarded-proto") == ["https"]
    assert named(sent, "x-forwarded-host") == ["mlflow.example.com"]


def test_nobody_else_speaks_for_us():
    """Headers under our own name that a client made up do not reach the server."""
    assert upstream(("X-Tightrope-Request-Id", "forged"), ("x-tightrope-anything", "x")) == upstream()


def test_the_length_of_a_changed_body_is_not_passed():
    """Length and checks of an answer hold only for the bytes that the server sent."""
    headers = (("Content-Length", "3"), ("ETag", "x"), ("Content-MD5", "y"), ("Content-Type", "text/plain"))
    assert to_client(headers, keep_length=True) == headers
    assert to_client(headers, keep_length=False) == (("Content-Type", "text/plain"),)


def test_headers_can_be_left_out_by_name():
    """Names are compared whatever their case."""
    assert without((("A", "1"), ("b", "2"), ("a", "3")), ["a", "C"]) == (("b", "2"),)
