"""Servers with a run, and a logged model on it."""

from __future__ import annotations

import pytest

from tests.fakes.old_server import OldServer

MODELS = "/api/2.0/mlflow/logged-models"
FILES = "/api/2.0/mlflow-artifacts/artifacts"
RUN = "0123456789abcdef0123456789abcdef"


@pytest.fixture(params=["1.28.0", "1.30.1", "2.22.4"])
def old(request):
    """A server without logged models that has one run."""
    server = OldServer(request.param)
    server.store.add_run("0", RUN)
    return server


@pytest.fixture
def model(old):
    """The id of a logged model ``m`` of that run, with one file."""
    said = old.say(f"POST {MODELS}", {"experiment_id": "0", "name": "m", "source_run_id": RUN})
    model_id = said.body["model"]["info"]["model_id"]
    old.say(f"PUT {FILES}/0/models/{model_id}/artifacts/MLmodel", b"flavors: {python_function: {env: x}}\n")
    return model_id


@pytest.fixture
def new():
    """A 3.x server whose run has a logged model ``m`` with a file, logged by a client of its own version."""
    server = OldServer("3.17.2")
    server.store.add_run("0", RUN)
    made = server.models.add({"experiment_id": "0", "name": "m", "source_run_id": RUN})
    server.files[f"0/models/{made['info']['model_id']}/artifacts/MLmodel"] = b"new"
    server.files[f"0/{RUN}/artifacts/note.txt"] = b"note"
    return server
