"""A running operator API, and the command line pointed at it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from proxy.observe.metrics import Metrics
from proxy.web.operator_api import operator_app
from tests.fakes.operator import FakeOperator

Run = Callable[..., Result]


class Api:
    """The operator API on a port of its own, in a thread of its own."""

    def __init__(self, operator: FakeOperator, token: str | None) -> None:
        self.operator = operator
        self.url = ""
        self._token = token
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result(10)

    def stop(self) -> None:
        """Stop listening and end the thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _begin(self) -> None:
        self._runner = web.AppRunner(operator_app(self.operator, Metrics("1"), self._token))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _end(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the person who runs the tests gets in."""
    for name in (
        "TIGHTROPE_CONFIG",
        "TIGHTROPE_ADMIN_URL",
        "TIGHTROPE_ADMIN__TOKEN",
        "TIGHTROPE_ADMIN__TOKEN_FILE",
        "TIGHTROPE_BLUE__URL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def start_api() -> Iterator[Callable[..., Api]]:
    """Start operator APIs that end with the test."""
    started: list[Api] = []

    def begin(token: str | None = None) -> Api:
        api = Api(FakeOperator(), token)
        api.start()
        started.append(api)
        return api

    yield begin
    for api in started:
        api.stop()


@pytest.fixture
def api(start_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch) -> Api:
    """An operator API without a token, which the command line finds through its variable."""
    found = start_api()
    monkeypatch.setenv("TIGHTROPE_ADMIN_URL", found.url)
    return found


@pytest.fixture
def run() -> Run:
    """Run ``tightrope`` with arguments."""

    def invoke(*args: str, **options: Any) -> Result:
        return CliRunner().invoke(app, list(args), **options)

    return invoke
