"""What older clients see among a run's files on servers that keep models apart."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.versions.v3_0.conftest import FILES, RUN

CLIENTS = pytest.mark.parametrize("client", ["1.30.1", "2.22.4"])


def _paths(said) -> Any:
    return [file["path"] for file in said.body.get("files") or []]


@CLIENTS
def test_the_models_are_in_the_list(new, client):
    """As folders of the run; the run's own files stay."""
    said = new.say(f"GET {FILES}?path=0/{RUN}/artifacts", client=client)
    assert said.body["files"][-1] == {"path": "m", "is_dir": True}
    assert _paths(said) == ["note.txt", "m"]
    assert _paths(new.say(f"GET {FILES}?path=0/{RUN}/artifacts/m", client=client)) == ["MLmodel"]
    assert _paths(new.say(f"GET {FILES}?path=0/{RUN}/artifacts/x", client=client)) == []
    assert _paths(new.say(f"GET {FILES}?path=0/{RUN}/artifacts", client="3.10.1")) == ["note.txt"]


@CLIENTS
def test_a_folder_of_the_run_comes_first(new, client):
    """What lies there is what an older client logged."""
    new.files[f"0/{RUN}/artifacts/m/old.txt"] = b"1"
    assert _paths(new.say(f"GET {FILES}?path=0/{RUN}/artifacts/m", client=client)) == ["old.txt"]
    assert _paths(new.say(f"GET {FILES}?path=0/{RUN}/artifacts", client=client)) == ["m", "note.txt"]


def test_the_newest_of_several(new):
    """As 3.x clients choose."""
    newest = new.models.add({"experiment_id": "0", "name": "m", "source_run_id": RUN})["info"]["model_id"]
    new.files[f"0/models/{newest}/artifacts/newest"] = b"1"
    assert _paths(new.say(f"GET {FILES}?path=0/{RUN}/artifacts/m", client="2.22.4")) == ["newest"]


@pytest.mark.parametrize(
    ("asked", "own", "more", "shown"),
    [
        ("", [{"path": "a.txt"}], [], ["a.txt", "m"]),
        ("&path=m", [], [{"path": "MLmodel"}], ["m/MLmodel"]),
    ],
)
def test_listings_by_run(talk, asked, own, more, shown):
    """``artifacts/list`` names the run and answers paths below its artifacts."""
    info = {"run_id": RUN, "experiment_id": "0"}
    models = {"models": [{"info": {"name": "m", "artifact_uri": "mlflow-artifacts:/0/models/m-1/artifacts"}}]}
    answers = [{"root_uri": "r", "files": own}, {"run": {"info": info}}, models, *([{"files": more}] if more else [])]
    line = f"GET /api/2.0/mlflow/artifacts/list?run_id={RUN}{asked}"
    played = talk(line, client="2.22.4", server="3.17.2", answers=tuple(answers))
    assert [file["path"] for file in played.body["files"]] == shown
    assert played.body["root_uri"] == "r"
