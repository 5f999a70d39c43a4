"""Copied versions in answers."""

from __future__ import annotations

import pytest

NOTE = {"key": "mlflow.tightrope.copiedFrom", "value": "1 models:/m/1"}
COPY = {"name": "c", "version": "1", "source": "s3://b/m", "tags": [NOTE]}
OTHER = {"name": "m", "version": "1", "source": "s3://b/m"}


@pytest.mark.parametrize("client", ["3.17.2", "2.5.0", "1.30.1"])
def test_every_client_sees_where_it_came_from(talk, client):
    """Alone and in lists, to clients of the server's own version as well."""
    read = "GET /api/2.0/mlflow/model-versions/get?name=c&version=1"
    answer = {"model_version": COPY}
    played = talk(read, client=client, server="1.30.1", answers=(answer,), emulated=True)
    assert played.body["model_version"]["source"] == "models:/m/1"
    listed = {"registered_model": {"name": "c", "latest_versions": [OTHER, COPY]}}
    read = "GET /api/2.0/mlflow/registered-models/get?name=c"
    shown = talk(read, client=client, server="1.30.1", answers=(listed,), emulated=True).body["registered_model"]
    assert [each["source"] for each in shown["latest_versions"]] == ["s3://b/m", "models:/m/1"]


def test_versions_that_are_no_copies_are_passed_on(talk):
    """Nothing counts as translated."""
    read = "GET /api/2.0/mlflow/model-versions/get?name=m&version=1"
    played = talk(read, client="2.22.4", server="1.30.1", answers=({"model_version": OTHER},))
    assert (played.changes, played.body) == ([], {"model_version": OTHER})
