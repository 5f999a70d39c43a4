"""Addresses of artifacts behind the server."""

from __future__ import annotations

import pytest

from proxy.core.versions.artifact_uris import path_in


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("mlflow-artifacts:/3/a/artifacts/m", "3/a/artifacts/m"),
        ("mlflow-artifacts:/3/a/artifacts/", "3/a/artifacts"),
        ("mlflow-artifacts://host:5000/3/a/artifacts", None),
        ("s3://bucket/3/a/artifacts", None),
        ("3/a/artifacts", None),
        (None, None),
        (7, None),
    ],
)
def test_the_path_behind_the_server(uri, path):
    """Of the server that answers, and of no other."""
    assert path_in(uri) == path
