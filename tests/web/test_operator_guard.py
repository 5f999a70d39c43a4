"""Who may use the operator API."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from proxy.observe.metrics import Metrics
from proxy.web.operator_api import operator_app
from tests.fakes.operator import FakeOperator

CHANGES = ["phase", "cutover", "rollback", "hold", "release", "journal/retry", "journal/skip"]
OPEN = ["/metrics", "/healthz", "/readyz", "/api/v1/status", "/api/v1/phase"]
DATA = ["/api/v1/journal", "/api/v1/journal/7", "/api/v1/audit"]


async def begin(aiohttp_client: AiohttpClient, token: str | None) -> tuple[TestClient[Any, Any], FakeOperator]:
    """A client and the proxy behind the API."""
    operator = FakeOperator()
    return await aiohttp_client(operator_app(operator, Metrics("1"), token)), operator


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "header",
    [None, "Bearer wrong", "Bearer", "s3cret", "Basic s3cret", "Bearer s3cret2", "Bearer s3cre", "Bearer \u00e9"],
)
async def test_changes_need_the_token(aiohttp_client: AiohttpClient, path: str, header: str | None):
    """Without the exact token nothing changes, whatever the body."""
    client, operator = await begin(aiohttp_client, "s3cret")
    headers = {} if header is None else {"Authorization": header}
    answer = await client.post(f"/api/v1/{path}", json={"to": "blue_only"}, headers=headers)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    found = await answer.json()
    assert found["error_code"] == "UNAUTHENTICATED"
    assert "s3cret" not in str(found)
    assert operator.calls == []


async def test_the_token_opens(aiohttp_client: AiohttpClient):
    """The scheme's case does not matter, the token's does."""
    client, operator = await begin(aiohttp_client, "s3cret")
    for header in ("Bearer s3cret", "bearer s3cret"):
        assert (await client.post("/api/v1/cutover", json={}, headers={"Authorization": header})).status == 200
    assert (await client.post("/api/v1/cutover", json={}, headers={"Authorization": "Bearer S3CRET"})).status == 401
    assert len(operator.calls) == 2


@pytest.mark.parametrize("path", OPEN)
async def test_figures_are_open(aiohttp_client: AiohttpClient, path: str):
    """Prometheus and load balancers need no token."""
    client, _ = await begin(aiohttp_client, "s3cret")
    assert (await client.get(path)).status == 200


@pytest.mark.parametrize("path", DATA)
async def test_clients_data_needs_the_token(aiohttp_client: AiohttpClient, path: str):
    """The journal holds what clients wrote."""
    client, _ = await begin(aiohttp_client, "s3cret")
    assert (await client.get(path)).status == 401
    assert (await client.get(path, headers={"Authorization": "Bearer s3cret"})).status == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_without_a_token_a_foreign_page_changes_nothing(aiohttp_client: AiohttpClient, content_type: str):
    """A browser sends these types across origins without asking us first; so they are refused."""
    client, operator = await begin(aiohttp_client, None)
    answer = await client.post("/api/v1/cutover", data=b"{}", headers={"Content-Type": content_type})
    assert answer.status == 415
    assert operator.calls == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9500", "127.0.0.1.evil.example"])
async def test_without_a_token_a_rebound_name_changes_nothing(aiohttp_client: AiohttpClient, host: str):
    """A foreign name that was pointed at 127.0.0.1 neither changes nor reads anything."""
    client, operator = await begin(aiohttp_client, None)
    assert (await client.post("/api/v1/cutover", json={}, headers={"Host": host})).status == 403
    assert (await client.get("/api/v1/journal/7", headers={"Host": host})).status == 403
    assert operator.calls == []


@pytest.mark.parametrize("host", ["127.0.0.1:9500", "localhost:9500", "[::1]:9500", "localhost"])
async def test_without_a_token_this_machine_is_fine(aiohttp_client: AiohttpClient, host: str):
    """Tunnels and other ports included."""
    client, operator = await begin(aiohttp_client, None)
    assert (await client.post("/api/v1/hold", json={}, headers={"Host": host})).status == 200
    assert len(operator.calls) == 1


async def test_the_actor_is_tamed(aiohttp_client: AiohttpClient):
    """What a caller says of itself is short and printable, and its address stands beside it."""
    client, operator = await begin(aiohttp_client, None)
    await client.post("/api/v1/hold", json={}, headers={"x-tightrope-actor": "\u00e9" + "x" * 500})
    actor = operator.calls[0][2]
    assert isinstance(actor, str)
    assert actor.endswith(" from 127.0.0.1")
    assert len(actor) < 130
    assert actor.isascii()
