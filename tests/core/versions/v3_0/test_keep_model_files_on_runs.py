"""Bytes of logged models on servers that have none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.endpoints.catalogue import match
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.translate import detour
from tests.core.versions.v3_0.conftest import FILES, MODELS, RUN
from tests.fakes.old_server import OldServer


def test_files_lie_where_older_clients_look(old, model):
    """Written, read and deleted under the model's path."""
    own, under = f"{FILES}/0/models/{model}/artifacts/d/f.txt", f"0/{RUN}/artifacts/m/d/f.txt"
    assert old.say(f"PUT {own}", b"text").changes == ["keep_model_files_on_runs"]
    assert old.files[under] == b"text"
    assert old.say(f"GET {own}").body == b"text"
    assert old.say(f"GET {FILES}/{under}", client="1.30.1").body == b"text"
    old.say(f"DELETE {own}")
    assert under not in old.files


@pytest.mark.parametrize("place", ["shared/x", "99"])
def test_an_experiment_that_keeps_its_artifacts_elsewhere(old, place):
    """Its models' paths begin with that place, even one that looks like another experiment."""
    old.store.runs[RUN]["info"]["artifact_uri"] = f"mlflow-artifacts:/{place}/{RUN}/artifacts"
    made = old.say(f"POST {MODELS}", {"experiment_id": "0", "name": "m", "source_run_id": RUN}).body["model"]["info"]
    assert made["artifact_uri"] == f"mlflow-artifacts:/{place}/models/{made['model_id']}/artifacts"
    old.say(f"PUT {FILES}/{place}/models/{made['model_id']}/artifacts/f", b"text")
    assert old.files == {f"{place}/{RUN}/artifacts/m/f": b"text"}


def test_a_model_that_is_not_there(old):
    """Nothing is written anywhere."""
    said = old.say(f"PUT {FILES}/0/models/m-{'f' * 32}/artifacts/f", b"1")
    assert (said.status, said.body["error_code"], old.files) == (404, "RESOURCE_DOES_NOT_EXIST", {})


def test_a_file_of_a_model_may_have_any_name(old, model):
    """Where it lies is what has to be fetched in the way of pages, see ``serve_any_file_name``."""
    own = match("GET", f"{FILES}/0/models/{model}/artifacts/%E5%90%8D")
    assert own is not None
    names: list[str] = []
    speakers = Dialects(Version(3, 17, 2), Version.parse(old.version), True)
    found = old._walk(detour(own, speakers, names, missing=False))
    assert found == Call("GetArtifactUi", {"run_uuid": RUN, "path": "m/名"})
    assert names == ["keep_model_files_on_runs", "serve_any_file_name"]


@given(st.lists(st.text("abcäß .-_+%~(", min_size=1).filter(lambda name: name.strip(". ")), min_size=1, max_size=3))
def test_any_path_comes_back(names):
    """Whatever is written under a model's path is read there again."""
    from urllib.parse import quote

    server = OldServer("2.22.4")
    server.store.add_run("0", RUN)
    made = server.say(f"POST {MODELS}", {"experiment_id": "0", "name": "m", "source_run_id": RUN})
    path = f"{FILES}/0/models/{made.body['model']['info']['model_id']}/artifacts/{quote('/'.join(names))}"
    server.say(f"PUT {path}", b"<content>")
    assert server.say(f"GET {path}").body == b"<content>"
