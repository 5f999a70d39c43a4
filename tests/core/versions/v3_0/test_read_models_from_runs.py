"""Logged models read on servers that have none."""

from __future__ import annotations

import pytest

from tests.core.versions.v3_0.conftest import FILES, MODELS, RUN

SEARCH = f"POST {MODELS}/search"


@pytest.mark.parametrize("model_id", [f"m-{'0' * 32}", "m-1", "m-' OR 1"])
def test_a_model_that_is_not_there(old, model_id):
    """What is no id is never put into a filter."""
    said = old.say(f"GET {MODELS}/{model_id.replace(' ', '%20')}")
    assert (said.status, said.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert not any(b"OR 1" in request.body for request in old.seen)


def test_its_files_are_listed(old, model):
    """By folder, under paths relative to the model."""
    old.say(f"PUT {FILES}/0/models/{model}/artifacts/data/a.bin", b"123")
    said = old.say(f"GET {MODELS}/{model}/artifacts/directories")
    assert said.body["root_uri"] == f"mlflow-artifacts:/0/models/{model}/artifacts"
    assert [file["path"] for file in said.body["files"]] == ["MLmodel", "data"]
    below = old.say(f"GET {MODELS}/{model}/artifacts/directories?artifact_directory_path=data")
    assert below.body["files"] == [{"path": "data/a.bin", "is_dir": False, "file_size": 3}]


def test_a_search(old, model):
    """In the experiments asked for, page by page, newest first."""
    for name in ("b", "c"):
        old.say(f"POST {MODELS}", {"experiment_id": "0", "name": name, "source_run_id": RUN})
    asked = {"experiment_ids": ["0"], "max_results": 2}
    first = old.say(SEARCH, asked).body
    assert [each["info"]["name"] for each in first["models"]] == ["c", "b"]
    rest = old.say(SEARCH, {**asked, "page_token": first["next_page_token"]}).body
    assert [each["info"]["model_id"] for each in rest["models"]] == [model]
    assert "next_page_token" not in rest
    assert old.say(SEARCH, {"experiment_ids": ["7"]}).body == {"models": []}


def test_a_search_by_run_asks_for_that_run_alone(old, model):
    """3.x clients do so at every listing of artifacts, most of them of runs without models."""
    old.seen.clear()
    said = old.say(SEARCH, {"experiment_ids": ["0"], "filter": f"name = 'm' AND source_run_id = '{RUN}'"})
    assert [each["info"]["model_id"] for each in said.body["models"]] == [model]
    assert [request.path.rpartition("/")[2] for request in old.seen] == ["get", "search"]
    old.seen.clear()
    old.store.add_run("0", "b" * 32)
    old.say(SEARCH, {"experiment_ids": ["0"], "filter": f"source_run_id = '{'b' * 32}'"})
    assert [request.path.rpartition("/")[2] for request in old.seen] == ["get"]
    assert old.say(SEARCH, {"experiment_ids": ["7"], "filter": f"source_run_id = '{RUN}'"}).body == {"models": []}
    assert old.say(SEARCH, {"experiment_ids": ["0"], "filter": "source_run_id = 'x'"}).body == {"models": []}


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"filter": "name = 'm' AND metrics.acc LIKE 'x'"}, "metrics.acc LIKE 'x'"),
        ({"filter": "colour = 'x'"}, "colour = 'x'"),
        ({"filter": "name = 'open"}, "name = 'open"),
        ({"order_by": [{"field_name": "tags.acc"}]}, "tags.acc"),
        ({"datasets": [{"dataset_digest": "d"}]}, "dataset_name"),
        ({"page_token": "x"}, "page token"),
    ],
)
def test_what_cannot_be_searched_is_named(old, model, asked, named):
    """Refused, never guessed."""
    said = old.say(SEARCH, {"experiment_ids": ["0"], **asked})
    assert (said.status, said.body["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert named in said.body["message"]
    assert model not in str(said.body)
