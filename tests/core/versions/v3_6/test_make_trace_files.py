"""Files of spans that the server holds in its database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy.core.endpoints import catalogue
from proxy.core.endpoints.spec import Match
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, translate
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.v3_6.make_trace_files import CHANGE
from tests.golden import recorded


def matched(method: str, path: str) -> Match:
    """The operation of a request that the catalogue knows."""
    found = catalogue.match(method, path)
    assert found is not None
    return found


TRACE = "tr-031682e8febc2988a983665233a16d29"
FILE = matched("GET", f"/api/2.0/mlflow-artifacts/artifacts/1/traces/{TRACE}/artifacts/traces.json")


def made(client: Any, answer: Any, server: Any = "3.10.1") -> Any:
    """What was asked, and what the client gets instead of "not found"."""
    applied: list[str] = []
    steps = translate.detour(FILE, Dialects(Version.parse(client), Version.parse(server)), applied, missing=True)
    asked = next(steps)
    try:
        steps.send(answer)
    except StopIteration as done:
        return asked, done.value, applied
    raise AssertionError("one question is enough")


def whole() -> Any:
    return jsontext.answer({"traces": [recorded("traces/whole_3_17.json")["trace"]]})


def test_the_file_is_made_of_the_servers_answer():
    """Exactly as the client that wrote the spans would have written it."""
    asked, answer, applied = made("3.3.2", whole())
    assert asked.target == f"/api/3.0/mlflow/traces/batchGet?trace_ids={TRACE}"
    assert json.loads(answer.body) == recorded("traces/file_3_17.json")
    assert applied == ["make_trace_files"]


def test_old_clients_get_the_old_form():
    """2.x clients could not load the other."""
    _, answer, _ = made("2.22.4", whole())
    assert "context" in json.loads(answer.body)["spans"][0]


@pytest.mark.parametrize(
    "answer", [Response(503, ()), jsontext.answer({"traces": []}), jsontext.answer({"traces": [{"spans": []}]})]
)
def test_a_trace_without_spans_has_no_file(answer):
    """Then "not found" stays the answer."""
    assert made("3.3.2", answer)[1:] == (None, [])


def test_older_servers_hold_no_spans():
    """They are not asked, and neither is anybody for other files."""
    old = Dialects(Version(3, 10, 1), Version(3, 3, 2))
    assert not CHANGE.meets(Call("DownloadArtifact", FILE.params), old)
    other = matched("GET", "/api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/a.txt")
    assert not CHANGE.meets(Call("DownloadArtifact", other.params), Dialects(Version(3, 3, 2), Version(3, 17, 2)))
