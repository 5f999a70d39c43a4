"""A tracking server on a real socket, with faults that are switched on and off while it runs.

    server.break_("runs/create", Fault.RESET_AFTER, times=1)   applied, and the connection is reset before the answer
    server.refuse()                                            nothing listens any more, until ``await server.listen()``

Every request is kept in ``server.requests``. What the server holds is ``server.store``.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, final
from urllib.parse import parse_qs, unquote

from aiohttp import web

from tests.fakes.model_store import ModelStore
from tests.fakes.tracking_store import API, Arguments, MlflowError, TrackingStore

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
_MODELS = re.compile(f"{API}(?:logged-models(.*)|runs/outputs)")
DEADLINE_S = 20.0
"""How long anything may take; reached only when a promise is broken."""


class Fault(Enum):
    """What goes wrong."""

    HANG = "takes the request and never answers; nothing is applied"
    HANG_AFTER = "applies the request and never answers"
    SLOW = "applies and answers when the rule's event is set"
    RESET_BEFORE = "resets the connection, nothing is applied"
    RESET_AFTER = "applies the request and resets the connection"
    CUT = "applies the request and breaks off in the middle of the answer's body"
    ANSWER = "answers what the rule says, nothing is applied"
    ANSWER_AFTER = "applies the request and answers what the rule says"


@dataclass
class Rule:
    """A fault for requests with ``path`` in their path and ``holding`` in their body; ``times`` left, None for ever."""

    path: str
    fault: Fault
    times: int | None = None
    holding: bytes = b""
    status: int = 500
    body: bytes = b"<html>Internal Server Error</html>"
    event: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        """The body as a document."""
        return json.loads(self.body)


def error_body(code: str, message: str = "no") -> bytes:
    """An error as MLflow writes it."""
    return json.dumps({"error_code": code, "message": message}).encode()


@final
class TrackingServer:
    """One server; ``async with`` starts and stops it."""

    def __init__(self, *, version: str = "3.17.2", first_experiment: int = 1) -> None:
        self.version = version
        self.store = TrackingStore(first_experiment)
        self.models = ModelStore()
        self.artifacts: dict[str, bytes] = {}
        self.requests: list[Seen] = []
        self.rules: list[Rule] = []
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        """Further paths and what stands there: status, headers, body."""
        self.port = 0
        self._closing = asyncio.Event()
        self._news = asyncio.Condition()
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> TrackingServer:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()

    async def listen(self) -> None:
        """Listen, on the port of before if there was one."""
        self._closing.clear()
        server = web.Server(self._handle, access_log=None, handler_cancellation=True, auto_decompress=False)
        self._runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def refuse(self) -> None:
        """Stop listening: connections are refused, those that are open end."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def break_(self, path: str, fault: Fault, **rule: Any) -> Rule:
        """Switch a fault on for requests whose path holds ``path``."""
        made = Rule(path, fault, **rule)
        self.rules.append(made)
        return made

    def heal(self) -> None:
        """Switch every fault off, and let go what hangs."""
        for rule in self.rules:
            rule.event.set()
        self.rules.clear()
        self._closing.set()
        self._closing = asyncio.Event()

    def seen(self, path: str, method: str = "") -> list[Seen]:
        """The requests so far whose path holds ``path``."""
        return [one for one in self.requests if path in one.path and method in {"", one.method}]

    async def saw(self, path: str, count: int = 1) -> list[Seen]:
        """Wait for so many of them."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: len(self.seen(path)) >= count), DEADLINE_S)
        return self.seen(path)

    # -------------------------------------------------------------------------------------------------------- serving

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        headers = tuple((key.decode(), value.decode("latin-1")) for key, value in request.raw_headers)
        body = await request.content.read()
        async with self._news:
            self.requests.append(Seen(request.method, path, query, headers, body))
            self._news.notify_all()
        rule = self._rule_for(path, body)
        if rule is None:
            return self._answer(request.method, path, query, body)
        return await self._faulty(request, rule, lambda: self._answer(request.method, path, query, body))

    def _rule_for(self, path: str, body: bytes) -> Rule | None:
        for rule in self.rules:
            if rule.path in path and rule.holding in body:
                if rule.times is not None:
                    rule.times -= 1
                    if rule.times == 0:
                        self.rules.remove(rule)
                return rule
        return None

    async def _faulty(
        self, request: web.BaseRequest, rule: Rule, apply: Callable[[], web.Response]
    ) -> web.StreamResponse:
        fault = rule.fault
        if fault is Fault.SLOW:
            await rule.event.wait()
            return apply()
        applied = apply() if fault in {Fault.HANG_AFTER, Fault.RESET_AFTER, Fault.CUT, Fault.ANSWER_AFTER} else None
        if fault in {Fault.ANSWER, Fault.ANSWER_AFTER}:
            return web.Response(status=rule.status, body=rule.body)
        if fault in {Fault.HANG, Fault.HANG_AFTER}:
            await self._closing.wait()
        if fault is Fault.CUT and applied is not None:
            await _send_half(request, applied)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _answer(self, method: str, path: str, query: str, body: bytes) -> web.Response:
        if path == "/health":
            return web.Response(text="OK")
        if path == "/version":
            return web.Response(text=self.version)
        if path in self.pages:
            status, headers, content = self.pages[path]
            return web.Response(status=status, headers=headers, body=content)
        if path.startswith(ARTIFACTS):
            return self._artifact(method, unquote(path[len(ARTIFACTS) + 1 :]), query, body)
        model = _MODELS.fullmatch(path) if self.version.startswith("3") else None
        if model is None and not self.store.knows(path):
            return web.Response(status=404, text="<h1>Not Found</h1>", content_type="text/html")
        try:
            asked = _arguments(query, body)
            if model is None:
                return web.json_response(self._with_outputs(self.store.do(path, asked)))
            if model[1] is None:
                return web.json_response(self.models.log_outputs(asked))
            return web.json_response(self.models.do(method, unquote(model[1]).strip("/"), asked))
        except MlflowError as error:
            return web.json_response(error.document, status=error.status)

    def _with_outputs(self, answer: dict[str, Any]) -> dict[str, Any]:
        links = self.models.outputs.get(answer["run"]["info"]["run_id"]) if "run" in answer else None
        return {**answer, "run": {**answer["run"], "outputs": {"model_outputs": links}}} if links else answer

    def _artifact(self, method: str, path: str, query: str, body: bytes) -> web.Response:
        if method == "PUT":
            self.artifacts[path] = body
            return web.json_response({})
        if method == "DELETE":
            self.artifacts.pop(path, None)
            return web.json_response({})
        if not path:
            return web.json_response({"files": self._listed(parse_qs(query).get("path", [""])[0])})
        if path not in self.artifacts:
            return web.json_response({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no artifact"}, status=404)
        return web.Response(body=self.artifacts[path], content_type="application/octet-stream")

    def _listed(self, folder: str) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for path, content in self.artifacts.items():
            if path.startswith(f"{folder}/"):
                name, _, deeper = path[len(folder) + 1 :].partition("/")
                size = {} if deeper else {"file_size": len(content)}
                found[name] = {"path": name, "is_dir": bool(deeper), **size}
        return list(found.values())


def _arguments(query: str, body: bytes) -> Arguments:
    asked: Arguments = {key: values[0] for key, values in parse_qs(query).items()}
    try:
        found = json.loads(body) if body else {}
    except ValueError as error:
        raise MlflowError("INVALID_PARAMETER_VALUE", f"Invalid JSON: {body!r}") from error
    if not isinstance(found, dict):
        raise MlflowError("INVALID_PARAMETER_VALUE", "not an object")
    return asked | found


async def _send_half(request: web.BaseRequest, whole: web.Response) -> None:
    """The head as it would be, and half of the body."""
    content = whole.body if isinstance(whole.body, bytes) else b""
    half = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.content_type})
    if "X-Chunked" in whole.headers:
        half.enable_chunked_encoding()
    else:
        half.content_length = len(content)
    await half.prepare(request)
    await half.write(content[: len(content) // 2])


__all__ = ["API", "ARTIFACTS", "Fault", "Rule", "Seen", "TrackingServer", "error_body"]
