"""Listings of logged models' files on servers that have none."""

from __future__ import annotations

from tests.core.versions.v3_0.conftest import FILES, RUN


def test_a_listing(old, model):
    """Of the model's own path; of a model that is not there it is empty, as of any folder that is not."""
    listed = old.say(f"GET {FILES}?path=0/models/{model}/artifacts")
    assert [file["path"] for file in listed.body["files"]] == ["MLmodel"]
    assert old.say(f"GET {FILES}?path=0/models/m-{'f' * 32}/artifacts").body == {}


def test_an_upload_in_parts(talk):
    """It begins at the place where the file will be looked for."""
    model = f"m-{'1' * 32}"
    tags = [{"key": f"mlflow.tightrope.model.{model}", "value": '1 {"name": "m", "folder": "m"}'}]
    info = {"run_id": RUN, "experiment_id": "0", "artifact_uri": f"mlflow-artifacts:/0/{RUN}/artifacts"}
    played = talk(
        f"POST /api/2.0/mlflow-artifacts/mpu/create/0/models/{model}/artifacts/big",
        {"path": "big", "num_parts": 2},
        client="3.17.2",
        server="2.22.4",
        answers=({"runs": [{"info": info, "data": {"tags": tags}}]}, {"upload_id": "u"}),
    )
    create = f"POST /api/2.0/mlflow-artifacts/mpu/create/0/{RUN}/artifacts/m/big"
    assert played.sent[1] == (create, {"path": "big", "num_parts": 2})
    assert played.body == {"upload_id": "u"}
