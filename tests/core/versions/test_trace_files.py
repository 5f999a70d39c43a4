"""Files of spans in the artifact store."""

from __future__ import annotations

import pytest

from proxy.core.mlflow_version import Version
from proxy.core.versions import trace_files
from proxy.core.versions.change import Call, Dialects

DIALECTS = Dialects(None, Version(3, 17, 2))


@pytest.mark.parametrize(
    ("path", "trace"),
    [
        ("1/traces/tr-ab/artifacts/traces.json", "tr-ab"),
        ("workspaces/w/1/traces/ab/artifacts/traces.json", "ab"),
        ("1/run/artifacts/traces.json", None),
        ("1/traces/ab/artifacts/sub/traces.json", None),
        (None, None),
    ],
)
def test_a_path_names_its_trace(path, trace):
    """Only the file itself, at the place where servers look for it."""
    call = Call("DownloadArtifact", {"artifact_path": path})
    assert trace_files.trace_of(call) == trace
    assert trace_files.is_trace_file(call, DIALECTS) is (trace is not None)


def test_a_trace_names_its_file():
    """By the location that the server gave it; a bucket is out of reach."""
    info = {"tags": {"mlflow.artifactLocation": "mlflow-artifacts:/1/traces/ab/artifacts"}}
    assert trace_files.reading(info) == Call("DownloadArtifact", {"artifact_path": "1/traces/ab/artifacts/traces.json"})
    assert trace_files.reading({"tags": {"mlflow.artifactLocation": "s3://bucket/1"}}) is None
    assert trace_files.reading({}) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"spans": 1}', b'{"spans": [1]}'])
def test_what_is_no_file_of_spans_is_recognised(body):
    """It is passed on as it is then."""
    assert trace_files.spans_in(body) is None


def test_spans_are_read():
    """As they stand."""
    assert trace_files.spans_in(b'{"spans": [{"name": "a"}]}') == [{"name": "a"}]
