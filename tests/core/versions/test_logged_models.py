"""The records that stand for logged models."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions.logged_models import (
    LoggedModel,
    at,
    document,
    folder_for,
    is_model_id,
    model_id_in,
    models_of,
    own_path,
    run_path,
    status_named,
    stored_path,
    stored_uri,
    tags_of,
)

RUN, MODEL = "ab" * 16, f"m-{'cd' * 16}"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)


def _run(tags, root=f"mlflow-artifacts:/3/{RUN}/artifacts") -> Any:
    return {"info": {"run_id": RUN, "experiment_id": "3", "artifact_uri": root}, "data": {"tags": tags}}


@given(
    st.builds(
        LoggedModel,
        model_id=st.just(MODEL),
        name=TEXTS,
        folder=TEXTS,
        model_type=TEXTS,
        created_ms=st.integers(0, 2**53),
        updated_ms=st.integers(0, 2**53),
        tags=st.dictionaries(TEXTS, st.text(st.characters(codec="utf-8"), max_size=9000), max_size=3),
        params=st.dictionaries(TEXTS, TEXTS, max_size=3),
        run_made_for_it=st.booleans(),
        deleted=st.booleans(),
    ).filter(lambda model: bool(model.name and model.folder))
)
def test_a_record_comes_back(model):
    """Whatever it holds, in tags that every server takes."""
    tags = tags_of(model)
    assert models_of(_run(tags)) == [model]
    assert all(len(tag["key"]) < 200 and len(tag["value"]) <= 5000 for tag in tags)


@pytest.mark.parametrize("text", ["1 {", "1 []", "1 {}", "2 {}", "x"])
def test_what_is_no_record(text):
    """Somebody else wrote to the tag: there is no such model."""
    assert models_of(_run([{"key": f"mlflow.tightrope.model.{MODEL}", "value": text}])) == []
    assert models_of({"info": {}}) == []


def test_files_that_do_not_go_through_the_server():
    """They are where they are, for every client."""
    run = _run([], "s3://bucket/x/artifacts/")
    model = LoggedModel(MODEL, "m", "m")
    assert document(model, run)["info"]["artifact_uri"] == stored_uri(model, run) == "s3://bucket/x/artifacts/m"
    assert stored_path(model, run) is None


def test_paths():
    """The two kinds are told apart, with and without a rest."""
    assert own_path(f"3/models/{MODEL}/artifacts") == ("3", MODEL, "")
    assert own_path(f"3/models/{MODEL}/artifacts/a/b") == ("3", MODEL, "a/b")
    assert run_path(f"3/{RUN}/artifacts/a/b/") == ("3", RUN, "a/b")
    for other in (None, 3, "", "3/x/artifacts", f"3/{RUN}/other", f"3/models/{MODEL}"):
        assert (own_path(other), run_path(other)) == (None, None)
    assert own_path(f"shared/x/models/{MODEL}/artifacts/a") == ("shared/x", MODEL, "a")
    inside_a_run, inside_a_model = (
        f"3/{RUN}/artifacts/models/{MODEL}/artifacts",
        f"3/models/{MODEL}/artifacts/{RUN}/artifacts",
    )
    assert (own_path(inside_a_run), run_path(inside_a_run)) == (None, ("3", RUN, f"models/{MODEL}/artifacts"))
    assert (own_path(inside_a_model), run_path(inside_a_model)) == (("3", MODEL, f"{RUN}/artifacts"), None)
    models = [LoggedModel(MODEL, "m", "m")]
    assert (at(models, "m/x"), at(models, "mm/x")) == (models[0], None)


def test_ids_in_sources():
    """Only a logged model's own URI names one."""
    assert model_id_in(f"models:/{MODEL}") == model_id_in(f"models:/{MODEL}/sub") == MODEL
    assert [model_id_in(other) for other in ("models:/name/1", f"runs:/{RUN}/m", None)] == [None] * 3
    assert (is_model_id(MODEL), is_model_id(RUN)) == (True, False)


def test_status_by_name_and_number():
    """Clients send either."""
    assert {status_named(each) for each in (2, "2", "LOGGED_MODEL_READY")} == {"LOGGED_MODEL_READY"}


@given(TEXTS, st.booleans())
def test_folders_are_safe(name, taken):
    """No name leads out of the run's artifacts or into another folder."""
    folder = folder_for(name.replace(".", ""), MODEL, taken=taken)
    assert folder.strip() == folder != ""
    assert not set(folder) & set("/\\:?#%*")
    assert folder.endswith(MODEL) == taken or not taken
