"""Client requests in the server's dialect."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.endpoints.catalogue import match
from proxy.core.endpoints.spec import Match
from proxy.core.messages import Request, Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import translate, walk
from proxy.core.versions.change import Call, Dialects, ResponsePart, VersionChange
from proxy.errors import CannotTranslateError, RequestError

Log = list[tuple[str, dict[str, Any]]]

OLD, MIDDLE, NEW = Version(1, 30, 1), Version(2, 22, 4), Version(3, 17, 2)


def _match(method: str, path: str) -> Match:
    found = match(method, path)
    assert found is not None
    return found


@pytest.mark.parametrize("version", ["1.30.1", "2.22.4", "3.17.2"])
@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("POST /api/2.0/mlflow/runs/create", {"tags": [{"key": "mlflow.runName", "value": "n"}]}),
        ("POST /api/2.0/mlflow/runs/update", {"run_id": "a", "run_name": "n"}),
        ("POST /api/2.0/mlflow/runs/search", {"filter": "status = 'x'"}),
        ("GET /api/2.0/mlflow/metrics/get-history?run_id=a&metric_key=b", None),
        ("GET /api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/x", None),
        ("GET /api/2.0/mlflow/registered-models/search?filter=tag.%60mlflow.prompt.is_prompt%60+!%3D+'true'", None),
    ],
)
def test_a_client_of_the_servers_own_version_passes_untouched(talk, version, line, body):
    """Nothing is translated between equals, not even what looks like a mistake."""
    assert talk(line, body, client=version, server=version).untouched


@pytest.mark.parametrize("client", [None, "1.30.1", "2.22.4", "3.17.2"])
@pytest.mark.parametrize(
    "line",
    [
        "POST /api/2.0/mlflow/runs/restore",
        "POST /ajax-api/2.0/mlflow/runs/delete-tag",
        "PUT /api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/x",
    ],
)
def test_what_no_change_concerns_passes_untouched(talk, client, line):
    """Operations that are alike everywhere are not even read."""
    method, target = line.split(" ")
    found = _match(method, target.partition("?")[0])
    for server in (OLD, MIDDLE, NEW):
        dialects = Dialects(Version.parse(client) if client else None, server)
        assert not translate.needed(found, dialects)
        assert translate.plan(found, Request(method, target, body=b"{oops"), dialects) is None


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("POST /api/2.0/preview/mlflow/runs/delete-tag", "/api/2.0/mlflow/runs/delete-tag"),
        ("POST /ajax-api/2.0/preview/mlflow/runs/delete-tag", "/api/2.0/mlflow/runs/delete-tag"),
        ("DELETE /api/2.0/preview/mlflow/registered-models/delete", "/api/2.0/mlflow/registered-models/delete"),
    ],
)
@pytest.mark.parametrize("body", [b'{"run_id" : "x"}', b"{oops", b""])
def test_a_preview_path_needs_nothing_but_another_path(line, path, body):
    """The very bytes go to the path that the server has, malformed ones included, so its own 4xx comes back."""
    method, target = line.split(" ")
    request = Request(method, target, "a=1", (("x", "y"),), body)
    found = _match(method, target)
    translation = translate.plan(found, request, Dialects(None, NEW))
    assert translation is not None
    assert translation.first is not None
    sent = translation.first
    assert sent.path.replace("ajax-api", "api") == path
    assert (sent.method, sent.query, sent.headers, sent.body) == (method, "a=1", (("x", "y"),), body)
    assert translation.changes == []
    assert translate.plan(found, request, Dialects(None, OLD)) is None


def test_a_get_that_became_a_post_is_written_anew(talk):
    """``GET preview runs/search`` becomes a POST with a JSON body on servers that know only that."""
    played = talk(
        "GET /api/2.0/preview/mlflow/runs/search?experiment_ids=0&experiment_ids=1&max_results=7&filter=metrics.a",
        server="2.22.4",
        client="1.0.0",
        answers=({"runs": []},),
    )
    body = {"experiment_ids": ["0", "1"], "max_results": 7, "filter": "metrics.a"}
    assert played.sent == [("POST /api/2.0/mlflow/runs/search", body)]
    assert (played.status, played.body) == (200, {"runs": []})


@pytest.mark.parametrize(
    ("line", "server", "message"),
    [
        (
            "POST /api/2.0/mlflow/webhooks",
            "1.30.1",
            "CreateWebhook needs an MLflow server >= 3.3.2; this one is 1.30.1",
        ),
        ("POST /api/2.0/mlflow/webhooks", "2.22.4", "CreateWebhook needs an MLflow server >= 3.3.2"),
        ("POST /api/3.0/mlflow/traces", "2.9.2", "StartTraceV3 needs an MLflow server >= 3.3.2"),
        ("POST /api/3.0/mlflow/datasets/create", "2.22.4", "CreateDataset needs an MLflow server >= 3.6.0"),
    ],
)
@pytest.mark.parametrize("body", [b"{}", b"{oops"])
def test_what_the_server_cannot_do_is_refused_before_anything_is_sent(talk, line, server, message, body):
    """The refusal comes from planning, as a 404 with a text that says what is needed, for broken bodies too."""
    with pytest.raises(CannotTranslateError) as caught:
        talk(line, body, server=server, client="3.17.2")
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("body", [{"run_id": "a"}, b"{oops"])
def test_a_server_between_studied_releases_is_asked(talk, body):
    """Its answer stands, unless it is the page that says it has no such endpoint."""
    line = "POST /api/2.0/mlflow/runs/log-inputs"
    played = talk(line, body, client="2.5.0", server="2.4.2", answers=({},))
    assert (played.sent[0][0], played.status, played.changes) == (line, 200, [])
    missing = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
    assert talk(line, body, client="2.5.0", server="2.4.2", answers=(missing,)).body == missing[1]
    with pytest.raises(CannotTranslateError, match=r"LogInputs needs an MLflow server >= 2\.5\.0; this one is 2\.4\.2"):
        talk(line, body, client="2.5.0", server="2.4.2", answers=((404, b"<!doctype html>"),))


def test_a_stream_that_the_server_may_have_is_never_read():
    """An upload to a server between studied releases passes untouched."""
    path = "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/x"
    dialects = Dialects(MIDDLE, Version(1, 22))
    assert not translate.needed(_match("PUT", path), dialects)
    assert translate.plan(_match("PUT", path), Request("PUT", path), dialects) is None


def test_a_stream_that_the_server_lacks_is_refused():
    """Artifacts cannot be proxied through a server that never heard of it."""
    path = "/api/2.0/mlflow-artifacts/artifacts/0/a/artifacts/x"
    with pytest.raises(CannotTranslateError, match="UploadArtifact"):
        translate.plan(_match("PUT", path), Request("PUT", path), Dialects(MIDDLE, Version(1, 20, 2)))


def test_a_head_request_is_moved_and_never_translated():
    """HEAD has no body to look into; it goes to the path that the server has, or is refused."""
    found = _match("HEAD", "/api/2.0/preview/mlflow/runs/get")
    translation = translate.plan(found, Request("HEAD", "/api/2.0/preview/mlflow/runs/get"), Dialects(None, NEW))
    assert translation is not None
    assert translation.first == Request("HEAD", "/api/2.0/mlflow/runs/get")
    gone = _match("HEAD", "/api/2.0/mlflow/experiments/list")
    with pytest.raises(CannotTranslateError):
        translate.plan(gone, Request("HEAD", "/api/2.0/mlflow/experiments/list"), Dialects(None, NEW))


def test_bytes_stay_as_they_came_when_only_the_answer_is_looked_at():
    """A change that concerns the answer does not re-write the request."""
    request = Request("POST", "/api/2.0/mlflow/runs/search", "", (), b'{ "max_results" : 1.0}')
    dialects = Dialects(MIDDLE, Version(1, 28))
    translation = translate.plan(_match("POST", request.path), request, dialects)
    assert translation is not None
    assert translation.first is request


def test_a_path_parameter_that_is_missing_is_a_bad_request(monkeypatch):
    """A call of our own without the id that its path needs is refused, not sent with a hole."""
    with pytest.raises(RequestError):
        next(translate.translate_call(Call("GetLoggedModel", {}), Dialects(None, NEW)))


def _answer_with(text: str, log: Log | None = None) -> ResponsePart:
    def part(answer: Response, call: Call, _dialects: Dialects) -> Response:
        if log is not None:
            log.append((text, dict(call.arguments)))
        return Response(answer.status, answer.headers, answer.body + text.encode())

    return part


def _install(monkeypatch: pytest.MonkeyPatch, *changes: VersionChange) -> None:
    monkeypatch.setattr(walk, "CHANGES", changes)
    monkeypatch.setattr(translate, "_needed", translate._needed.__wrapped__)
    monkeypatch.setattr(walk, "_candidates", walk._candidates.__wrapped__)
    monkeypatch.setattr(translate, "_answer_only", translate._answer_only.__wrapped__)


def _change(name: str, operation: str = "DeleteRun", **parts: Any) -> VersionChange:
    return VersionChange(name, frozenset({operation}), (None, None), **parts)


def _drive(steps: walk.Steps, *answers: Response) -> tuple[list[Request], Response]:
    sent: list[Request] = []
    given = iter(answers)
    try:
        request = next(steps)
        while True:
            sent.append(request)
            request = steps.send(next(given))
    except StopIteration as done:
        return sent, done.value


def test_answers_alone_need_no_reading_of_the_request(monkeypatch):
    """``needed`` stays false, ``answer_only`` names the change, and it can be run over an answer read elsewhere."""
    log: Log = []
    change = _change("late", looks_inside=False, response=_answer_with("!", log))
    _install(monkeypatch, change)
    found = _match("POST", "/api/2.0/mlflow/runs/delete")
    dialects = Dialects(MIDDLE, NEW)
    assert not translate.needed(found, dialects)
    assert translate.answer_only("DeleteRun", Dialects(OLD, NEW)) == (change,)
    assert translate.answer_only("CreateRun", Dialects(OLD, NEW)) == ()
    assert translate.translate_answer(Response(200, (), b"x"), found, dialects) == (Response(200, (), b"x!"), ["late"])
    request = Request("POST", "/api/2.0/mlflow/runs/delete", body=b"{oops")
    translation = translate.plan(found, request, dialects)
    assert translation is not None
    sent, answer = _drive(translation.run(), Response(200, (), b"x"))
    assert sent == [request]
    assert answer.body == b"x!"
    assert translation.changes == ["late"]


def test_answers_between_equals_are_left_alone(monkeypatch):
    """A client of the server's version gets the server's answer."""
    _install(monkeypatch, _change("late", looks_inside=False, response=_answer_with("!")))
    found = _match("POST", "/api/2.0/mlflow/runs/delete")
    assert translate.translate_answer(Response(200), found, Dialects(NEW, NEW)) == (Response(200), [])
    assert translate.plan(found, Request("POST", "/api/2.0/mlflow/runs/delete"), Dialects(NEW, NEW)) is None


def test_a_translation_runs_once():
    """A second run would send a write twice; it raises instead."""
    found = _match("POST", "/api/2.0/preview/mlflow/runs/delete")
    request = Request("POST", "/api/2.0/preview/mlflow/runs/delete")
    translation = translate.plan(found, request, Dialects(None, NEW))
    assert translation is not None
    _drive(translation.run(), Response(200))
    with pytest.raises(RuntimeError):
        next(translation.run())


def test_a_nameless_client_counts_as_the_version_that_had_its_path(monkeypatch):
    """Changes that ask who speaks get the last version that served the path, or the first where it is too new."""
    heard: list[str] = []

    def listen(_call: Call, dialects: Dialects) -> bool:
        heard.append(str(dialects.client))
        return False

    _install(monkeypatch, _change("x", "GetLatestVersions", applies=listen, request=lambda call, _: call))
    post = "/api/2.0/mlflow/registered-models/get-latest-versions"
    translate.plan(_match("POST", post), Request("POST", post), Dialects(None, Version(1, 20, 2)))
    translate.plan(_match("POST", post), Request("POST", post), Dialects(None, NEW))
    preview = "/api/2.0/preview/mlflow/registered-models/get-latest-versions"
    translate.plan(_match("GET", preview), Request("GET", preview), Dialects(None, NEW))
    assert heard[0] == "1.23.1"
    assert heard[1] == "None"
    assert heard[-1] == "1.30.1"
