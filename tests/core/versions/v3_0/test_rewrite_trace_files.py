"""Files of spans on their way to 2.x clients."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy.core.endpoints import catalogue
from proxy.core.endpoints.spec import Match
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import translate
from proxy.core.versions.change import Dialects
from tests.golden import recorded


def matched(method: str, path: str) -> Match:
    """The operation of a request that the catalogue knows."""
    found = catalogue.match(method, path)
    assert found is not None
    return found


FILE = matched("GET", "/api/2.0/mlflow-artifacts/artifacts/1/traces/tr-1/artifacts/traces.json")
OTHER = matched("GET", "/api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/traces.json")


def dialects(client: Any, server: Any, *, emulated: Any = False) -> Any:
    return Dialects(Version.parse(client) if client else None, Version.parse(server), emulated)


def received(name: Any, speakers: Any) -> Any:
    """What the client gets of a recorded file, and whether it was touched."""
    answer = Response(200, (), json.dumps(recorded(name)).encode())
    got, names = translate.translate_answer(answer, FILE, speakers)
    return json.loads(got.body), names


def test_a_file_of_3_x_is_rewritten():
    """The whole answer is read for it."""
    speakers = dialects("2.22.4", "3.17.2")
    assert translate.read_whole(FILE, speakers)
    file, names = received("traces/file_3_17.json", speakers)
    assert names == ["rewrite_trace_files"]
    assert file["spans"][0]["context"]["trace_id"] == "031682e8febc2988a983665233a16d29"
    assert file["request"] == '{"x": 7}'


def test_what_an_old_client_can_read_stays():
    """Files of 2.x, and what is no file of spans at all."""
    speakers = dialects("2.22.4", "3.17.2")
    assert received("traces/file_2_22.json", speakers) == (recorded("traces/file_2_22.json"), [])
    odd = Response(200, (), b"no json")
    assert translate.translate_answer(odd, FILE, speakers) == (odd, [])


@pytest.mark.parametrize(
    ("found", "client", "server", "whole"),
    [
        (FILE, "2.22.4", "3.17.2", True),
        (OTHER, "2.22.4", "3.17.2", False),
        (FILE, "3.1.4", "3.17.2", False),
        (FILE, None, "3.17.2", False),
        (FILE, "2.14.3", "2.22.4", False),
    ],
)
def test_only_such_files_for_such_clients_are_read(found, client, server, whole):
    """Others are streamed."""
    assert translate.read_whole(found, dialects(client, server)) is whole
