"""Files of spans that 3.x clients left on 2.x servers."""

from __future__ import annotations

import json

import pytest

from proxy.core.endpoints import catalogue
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import translate
from proxy.core.versions.change import Dialects
from tests.golden import recorded

PATH = "/api/2.0/mlflow-artifacts/artifacts/1/traces/tr-1/artifacts/traces.json"


@pytest.mark.parametrize(
    ("client", "emulated", "names"),
    [
        ("2.22.4", True, ["show_trace_files"]),
        ("2.14.3", True, ["show_trace_files"]),
        ("2.14.3", False, []),
        ("3.3.2", True, []),
    ],
)
def test_clients_of_2_x_can_read_them(client, emulated, names):
    """The server's own among them, once a newer client was there."""
    found = catalogue.match("GET", PATH)
    assert found is not None
    answer = Response(200, (), json.dumps(recorded("traces/file_3_17.json")).encode())
    speakers = Dialects(Version.parse(client), Version.parse("2.22.4"), emulated)
    assert translate.read_whole(found, speakers) is bool(names)
    got, acted = translate.translate_answer(answer, found, speakers)
    assert acted == names
    assert ("context" in json.loads(got.body)["spans"][0]) is bool(names)
