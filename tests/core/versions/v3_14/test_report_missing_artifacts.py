"""Missing artifacts."""

from __future__ import annotations

import pytest

from proxy.core.mlflow_version import Version
from proxy.core.versions import translate
from proxy.core.versions.change import Dialects

GET = "GET /api/2.0/mlflow-artifacts/artifacts/0/abc/artifacts/x.txt"
WRAPPED = "The following failures occurred while downloading one or more artifacts from /root"
OLD = f"{WRAPPED}: {{'0/abc/artifacts/x.txt': \"FileNotFoundError(2, 'No such file or directory')\"}}"
NEWER = f"{WRAPPED}:\n##### File 0/abc/artifacts/x.txt #####\n[Errno 2] No such file or directory: '/root/0/x.txt'"


@pytest.mark.parametrize(("server", "message"), [("1.30.1", OLD), ("2.22.4", NEWER)])
def test_a_missing_file_becomes_a_404_that_nobody_retries(talk, server, message):
    """The texts of real servers are recognised."""
    failed = (500, {"error_code": "INTERNAL_ERROR", "message": message})
    played = talk(GET, client="3.17.2", server=server, answers=(failed,))
    assert (played.status, played.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert "0/abc/artifacts/x.txt" in played.body["message"]
    assert played.changes == ["report_missing_artifacts"]


@pytest.mark.parametrize(
    "failed",
    [
        (500, b"<!doctype html><title>500 Internal Server Error</title>"),
        (500, {"error_code": "INTERNAL_ERROR", "message": f"{WRAPPED}: PermissionError(13)"}),
        (500, {"error_code": "INTERNAL_ERROR", "message": "No such file or directory"}),
        (503, {"message": NEWER}),
        (200, {"message": NEWER}),
    ],
)
def test_every_other_answer_is_passed_on(talk, failed):
    """A directory, a broken store or a file that happens to contain the text is not reported as missing."""
    played = talk(GET, client="3.17.2", server="2.22.4", answers=(failed,))
    assert (played.status, played.body) == failed
    assert played.changes == []


def test_downloads_can_be_streamed():
    """Only errors are looked at, so a success need not be held in memory."""
    (change,) = translate.answer_only("DownloadArtifact", Dialects(None, Version(2, 22, 4)))
    assert [status for status in (200, 206, 404, 500) if change.answers.include(status)] == [404, 500]
    assert translate.answer_only("DownloadArtifact", Dialects(None, Version(3, 14, 0))) == ()
