"""Multipart uploads to servers that know none."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("step", ["create", "complete", "abort"])
@pytest.mark.parametrize("client", ["2.9.2", "3.17.2"])
def test_clients_are_told_to_send_one_plain_put(talk, step, client):
    """In the words that they look for, without asking the server."""
    line = f"POST /api/2.0/mlflow-artifacts/mpu/{step}/0/a/artifacts/x"
    played = talk(line, {"path": "x", "num_parts": 2}, client=client, server="1.30.1")
    assert (played.status, played.sent) == (501, [])
    assert played.body["message"].startswith("Multipart upload is not supported for the current artifact repository")
    assert "this one is 1.30.1" in played.body["message"]


def test_servers_that_know_them_are_asked(talk):
    """Whether their artifact store can do it is theirs to say."""
    line = "POST /api/2.0/mlflow-artifacts/mpu/create/0/a/artifacts/x"
    assert talk(line, {"path": "x"}, client="3.17.2", server="2.9.2").untouched
