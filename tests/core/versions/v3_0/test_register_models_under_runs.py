"""Model versions that older clients make from the models of newer ones."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.versions.v3_0.conftest import RUN

CREATE = "POST /api/2.0/mlflow/model-versions/create"


@pytest.fixture
def registry(new):
    new.store.do("/api/2.0/mlflow/registered-models/create", {"name": "r"})
    return new


def _source(registry, source, client="2.22.4") -> Any:
    return registry.say(CREATE, {"name": "r", "source": source}, client=client).body["model_version"]["source"]


def test_the_version_comes_from_the_model(registry):
    """So that clients of the server's own version can load it."""
    (model,) = registry.models.models
    assert _source(registry, f"mlflow-artifacts:/0/{RUN}/artifacts/m") == f"models:/{model}"


@pytest.mark.parametrize("rest", ["x", "m/data", "note.txt"])
def test_any_other_source_stays(registry, rest):
    """Nothing is guessed for what is no model's folder."""
    source = f"mlflow-artifacts:/0/{RUN}/artifacts/{rest}"
    assert _source(registry, source) == source


def test_a_folder_of_the_run_stays(registry):
    """An older client logged it."""
    registry.files[f"0/{RUN}/artifacts/m/MLmodel"] = b"old"
    source = f"mlflow-artifacts:/0/{RUN}/artifacts/m"
    assert _source(registry, source) == source
