"""Signed addresses from servers that give none."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("POST /api/2.0/mlflow/artifacts/presigned-upload-url", "Presigned upload"),
        ("POST /api/2.0/mlflow/artifacts/presigned-download-url", "Presigned download"),
        ("GET /api/2.0/mlflow-artifacts/presigned/0/a/artifacts/x", "Multipart download"),
    ],
)
def test_clients_are_sent_the_plain_way(talk, line, what):
    """As by a server whose artifact store cannot sign."""
    played = talk(line, {} if line.startswith("POST") else None, client="3.17.2", server="2.22.4")
    assert (played.status, played.body["error_code"], played.sent) == (501, "NOT_IMPLEMENTED", [])
    assert played.body["message"].startswith(f"{what} is not supported for the current artifact repository")


def test_servers_that_sign_are_asked(talk):
    """From 3.14 on."""
    line = "GET /api/2.0/mlflow-artifacts/presigned/0/a/artifacts/x"
    assert talk(line, client="3.17.2", server="3.14.0").untouched
