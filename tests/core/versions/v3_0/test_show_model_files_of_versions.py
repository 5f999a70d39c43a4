"""Where newer clients load the files of a model version from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.versions.v3_0.conftest import RUN

URI = "GET /api/2.0/mlflow/model-versions/get-download-uri?name=r&version=1"


def _register(old, source) -> Any:
    old.store.do("/api/2.0/mlflow/registered-models/create", {"name": "r"})
    old.store.do("/api/2.0/mlflow/model-versions/create", {"name": "r", "source": source})


@pytest.mark.parametrize("rest", ["", "/data"])
def test_a_version_that_an_older_client_made_from_the_folder_of_a_model(old, model, rest):
    """The folder is hidden from newer clients, so they are given the model's own path."""
    _register(old, f"mlflow-artifacts:/0/{RUN}/artifacts/m{rest}")
    assert old.say(URI).body == {"artifact_uri": f"mlflow-artifacts:/0/models/{model}/artifacts{rest}"}
    assert old.say(URI, client="2.14.3").body == {"artifact_uri": f"mlflow-artifacts:/0/{RUN}/artifacts/m{rest}"}


@pytest.mark.parametrize("source", ["s3://b/x", f"mlflow-artifacts:/0/{RUN}/artifacts/x", "mlflow-artifacts:/0/x"])
def test_any_other_version(old, model, source):
    """As the server has it."""
    assert model
    _register(old, source)
    assert old.say(URI).body == {"artifact_uri": source}
