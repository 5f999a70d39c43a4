"""Model versions made from logged models, on servers that have none."""

from __future__ import annotations

import pytest

from tests.core.versions.v3_0.conftest import MODELS, RUN

CREATE = "POST /api/2.0/mlflow/model-versions/create"


@pytest.fixture
def registry(old):
    old.store.do("/api/2.0/mlflow/registered-models/create", {"name": "r"})
    return old


def test_the_source_is_where_the_files_are(registry, model):
    """Older clients load it from there; newer ones see what they gave."""
    body = {"name": "r", "source": f"models:/{model}", "model_id": model, "tags": [{"key": "a", "value": "b"}]}
    shown = registry.say(CREATE, body).body["model_version"]
    assert (shown["source"], shown["model_id"], shown["run_id"]) == (f"models:/{model}", model, RUN)
    assert shown["tags"] == [{"key": "a", "value": "b"}]
    older = registry.say("GET /api/2.0/mlflow/model-versions/get?name=r&version=1", client="2.14.3")
    assert older.body["model_version"]["source"] == f"mlflow-artifacts:/0/{RUN}/artifacts/m"
    uri = "GET /api/2.0/mlflow/model-versions/get-download-uri?name=r&version=1"
    assert registry.say(uri, client="2.14.3").body["artifact_uri"] == f"mlflow-artifacts:/0/{RUN}/artifacts/m"
    assert registry.say(uri).body["artifact_uri"] == f"mlflow-artifacts:/0/models/{model}/artifacts"


def test_a_model_without_a_run(registry):
    """The version names none either."""
    made = registry.say(f"POST {MODELS}", {"experiment_id": "0", "name": "alone"}).body["model"]["info"]
    shown = registry.say(CREATE, {"name": "r", "source": f"models:/{made['model_id']}"}).body["model_version"]
    assert (shown["run_id"], shown["source"]) == ("", f"models:/{made['model_id']}")


def test_a_model_that_is_not_there(registry):
    """As a 3.x server says it."""
    said = registry.say(CREATE, {"name": "r", "source": f"models:/m-{'f' * 32}"})
    assert (said.status, said.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.parametrize("source", ["s3://bucket/x", "models:/r/1", "runs:/a/b"])
def test_other_sources_pass(talk, source):
    """They are none of our business."""
    body = {"name": "r", "source": source}
    assert talk(CREATE, body, client="3.17.2", server="2.22.4", answers=({},)).sent == [(CREATE, body)]
