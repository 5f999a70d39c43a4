"""A server of any version without sockets, for what a client, the version changes and a server say to each other."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

from proxy.core import hidden_tags
from proxy.core.endpoints.catalogue import match
from proxy.core.endpoints.spec import Match
from proxy.core.messages import Request, Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import translate
from proxy.core.versions.calls import write_call
from proxy.core.versions.change import Call, Dialects
from tests.fakes.model_store import ModelStore
from tests.fakes.tracking_store import API, MlflowError, TrackingStore

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"

T = TypeVar("T")


@dataclass
class Said:
    """What a client got: status, body as a document, and the changes that took part."""

    status: int
    body: Any
    changes: list[str]


@dataclass
class OldServer:
    """Runs and files, and the requests that it saw; logged models of its own from 3.0 on."""

    version: str
    store: TrackingStore = field(default_factory=TrackingStore)
    models: ModelStore = field(default_factory=ModelStore)
    files: dict[str, bytes] = field(default_factory=dict)
    seen: list[Request] = field(default_factory=list)
    now_ms: int = 1000
    asked: int = 0

    def say(self, line: str, body: Any = None, *, client: str = "3.17.2") -> Said:
        """A client's request through the changes, and what it gets; every one a millisecond later."""
        method, target = line.split(" ", 1)
        path, _, query = target.partition("?")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, query, (), data)
        found = match(method, path)
        assert found is not None, line
        self.asked += 1
        self.now_ms += 1
        token = f"{self.asked:032x}"
        dialects = Dialects(Version.parse(client), Version.parse(self.version), True, token, self.now_ms)
        if found.operation.streamed:
            return self._stream(found, request, dialects)
        translation = translate.plan(found, request, dialects)
        answer = self.do(request) if translation is None else self._walk(translation.run())
        return _said(hidden_tags.stripped(answer), translation.changes if translation is not None else [])

    def _stream(self, found: Match, request: Request, dialects: Dialects) -> Said:
        """As the forwarder does it."""
        changes: list[str] = []
        elsewhere = self._elsewhere(found, dialects, changes, missing=False)
        if isinstance(elsewhere, Response):
            return _said(elsewhere, changes)
        if elsewhere is not None:
            moved = write_call(elsewhere, dialects.server)
            request = Request(moved.method, moved.path, request.query, (), request.body)
        answer, explained = translate.translate_answer(self.do(request), found, dialects)
        changes += explained
        if answer.status in {404, 500}:
            elsewhere = self._elsewhere(found, dialects, changes, missing=True)
            if isinstance(elsewhere, Response):
                answer = elsewhere
            elif elsewhere is not None:
                answer = self.do(write_call(elsewhere, dialects.server))
        return _said(answer, changes)

    def _elsewhere(
        self, found: Match, dialects: Dialects, changes: list[str], *, missing: bool
    ) -> Call | Response | None:
        return self._walk(translate.detour(found, dialects, changes, missing=missing))

    def _walk(self, steps: Generator[Request, Response, T]) -> T:
        try:
            request = next(steps)
            while True:
                request = steps.send(self.do(request))
        except StopIteration as done:
            result: T = done.value
            return result

    def do(self, request: Request) -> Response:
        """What the server itself answers."""
        self.seen.append(request)
        if request.path.startswith(ARTIFACTS):
            return self._file(request)
        asked: dict[str, Any] = {key: values[0] for key, values in parse_qs(request.query).items()}
        asked |= json.loads(request.body) if request.body else {}
        rest = request.path.removeprefix(API)
        try:
            if self.version.startswith("3") and rest.startswith("logged-models"):
                path = unquote(rest.removeprefix("logged-models")).strip("/")
                return _json(self.models.do(request.method, path, asked))
            return _json(self.store.do(request.path, asked))
        except MlflowError as error:
            return _json(error.document, error.status)

    def _file(self, request: Request) -> Response:
        path = unquote(request.path[len(ARTIFACTS) + 1 :])
        if not path:
            return _json({"files": self.listed(parse_qs(request.query).get("path", [""])[0])})
        if request.method == "PUT":
            self.files[path] = request.body
            return _json({})
        if request.method == "DELETE":
            self.files.pop(path, None)
            return _json({})
        if path in self.files:
            return Response(200, (), self.files[path])
        if Version.parse(self.version) >= Version(3, 14):
            return _json({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No such artifact"}, 404)
        directory = any(name.startswith(f"{path}/") for name in self.files)
        reason = "[Errno 21] Is a directory" if directory else "[Errno 2] No such file or directory"
        message = f"The following failures occurred while downloading one or more artifacts: {reason}"
        return _json({"error_code": "INTERNAL_ERROR", "message": message}, 500)

    def listed(self, folder: str) -> list[dict[str, Any]]:
        """The files and folders directly in a folder."""
        found: dict[str, dict[str, Any]] = {}
        for path, content in self.files.items():
            if path.startswith(f"{folder}/"):
                name, _, deeper = path[len(folder) + 1 :].partition("/")
                found[name] = {"path": name, "is_dir": bool(deeper), **({} if deeper else {"file_size": len(content)})}
        return [found[name] for name in sorted(found)]


def _json(document: Any, status: int = 200) -> Response:
    return Response(status, (("content-type", "application/json"),), json.dumps(document).encode())


def _said(answer: Response, changes: list[str]) -> Said:
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = answer.body
    return Said(answer.status, body, changes)
