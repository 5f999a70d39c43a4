"""Logged models made on servers that have none."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.hidden_tags import PUBLIC_ID_TAG, public_id_value
from tests.core.versions.v3_0.conftest import MODELS, RUN

CREATE = f"POST {MODELS}"
PUBLIC = f"m-{'ab' * 16}"


def test_a_model_of_a_run(old):
    """It answers like a 3.x server's, and the run keeps it where no client sees it."""
    asked: dict[str, Any] = {"experiment_id": "0", "name": "m", "source_run_id": RUN, "model_type": "agent"}
    asked |= {"tags": [{"key": "a", "value": "b"}], "params": [{"key": "p", "value": "1"}]}
    said = old.say(CREATE, asked)
    info = said.body["model"]["info"]
    assert info == {
        "model_id": f"m-{1:032x}",
        "experiment_id": "0",
        "name": "m",
        "creation_timestamp_ms": 1001,
        "last_updated_timestamp_ms": 1001,
        "artifact_uri": f"mlflow-artifacts:/0/models/m-{1:032x}/artifacts",
        "status": "LOGGED_MODEL_PENDING",
        "model_type": "agent",
        "source_run_id": RUN,
        "tags": [{"key": "a", "value": "b"}],
    }
    assert said.body["model"]["data"] == {"params": [{"key": "p", "value": "1"}]}
    assert said.changes == ["keep_models_on_runs"]
    assert old.say(f"GET /api/2.0/mlflow/runs/get?run_id={RUN}").body["run"]["data"]["tags"] == []
    assert all("tightrope" in key for key in old.store.runs[RUN]["tags"])


def test_a_model_without_a_run_gets_one(old):
    """Older clients see a run of that name; newer ones still see a model without a source run."""
    info = old.say(CREATE, {"experiment_id": "0", "name": "alone"}).body["model"]["info"]
    assert info["source_run_id"] == ""
    (made,) = (run for run in old.store.runs if run != RUN)
    assert old.store.runs[made]["tags"]["mlflow.runName"] == "alone"
    old.say(f"PATCH {MODELS}/{info['model_id']}", {"model_id": info["model_id"], "status": "LOGGED_MODEL_READY"})
    assert old.store.runs[made]["info"]["status"] == "FINISHED"


def test_two_models_of_one_name(old, model):
    """Each has files of its own; the first keeps the name for older clients."""
    second = old.say(CREATE, {"experiment_id": "0", "name": "m", "source_run_id": RUN}).body["model"]["info"]
    old.say(f"PUT /api/2.0/mlflow-artifacts/artifacts/0/models/{second['model_id']}/artifacts/MLmodel", b"2")
    assert [file["path"] for file in old.listed(f"0/{RUN}/artifacts")] == ["m", f"m-{second['model_id']}"]
    assert model != second["model_id"]


def test_a_folder_that_an_older_client_made_is_left_to_it(old):
    """Its files are not mixed with the model's."""
    old.files[f"0/{RUN}/artifacts/m/MLmodel"] = b"old"
    info = old.say(CREATE, {"experiment_id": "0", "name": "m", "source_run_id": RUN}).body["model"]["info"]
    listed = old.say(f"GET {MODELS}/{info['model_id']}/artifacts/directories")
    assert listed.body["files"] == []


def test_the_mirror_says_the_id(old):
    """A model that clients know already keeps its id, and one that was made before is not made twice."""
    asked: dict[str, Any] = {"experiment_id": "0", "name": "m", "source_run_id": RUN}
    asked["tags"] = [{"key": PUBLIC_ID_TAG, "value": public_id_value(PUBLIC)}]
    for _ in range(2):
        assert old.say(CREATE, asked).body["model"]["info"]["model_id"] == PUBLIC
    search = {"experiment_ids": ["0"], "filter": f"tags.`{PUBLIC_ID_TAG}` = '{public_id_value(PUBLIC)}'"}
    found = old.say(f"POST {MODELS}/search", search).body["models"]
    assert [(each["info"]["model_id"], each["info"]["tags"]) for each in found] == [(PUBLIC, [])]


@pytest.mark.parametrize("name", ["a/b", "a.b", "a:b", "50%", "it's"])
def test_a_name_that_no_server_takes(old, name):
    """MLflow's own rule."""
    said = old.say(CREATE, {"experiment_id": "0", "name": name, "source_run_id": RUN})
    assert (said.status, said.body["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize("name", ["modèle ü", "  ", "a#b?c", "a\\b", "x" * 300])
def test_any_other_name(old, name):
    """It comes back as it was, and its files have a place."""
    info = old.say(CREATE, {"experiment_id": "0", "name": name, "source_run_id": RUN}).body["model"]["info"]
    assert info["name"] == name
    path = f"/api/2.0/mlflow-artifacts/artifacts/0/models/{info['model_id']}/artifacts/f"
    old.say(f"PUT {path}", b"1")
    assert old.say(f"GET {path}").body == 1


def test_a_run_that_is_not_there(old):
    """The server's own refusal is the answer."""
    said = old.say(CREATE, {"experiment_id": "0", "name": "m", "source_run_id": "f" * 32})
    assert (said.status, said.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
