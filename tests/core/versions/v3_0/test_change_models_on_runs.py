"""Logged models changed on servers that have none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.core.versions.v3_0.conftest import FILES, MODELS, RUN


def _info(old, model) -> Any:
    return old.say(f"GET {MODELS}/{model}").body["model"]["info"]


@pytest.mark.parametrize("status", ["LOGGED_MODEL_READY", 2])
def test_a_model_becomes_ready(old, model, status):
    """By name or number; the UI of the old server shows it, once, with what its MLmodel says."""
    for _ in range(2):
        said = old.say(f"PATCH {MODELS}/{model}", {"model_id": model, "status": status})
        assert said.body["model"]["info"]["status"] == "LOGGED_MODEL_READY"
    (entry,) = json.loads(old.store.runs[RUN]["tags"]["mlflow.log-model.history"])
    assert (entry["artifact_path"], entry["run_id"]) == ("m", RUN)
    assert entry["flavors"] == {"python_function": {"env": "x"}}
    assert old.store.runs[RUN]["info"]["status"] == "RUNNING"


@pytest.mark.parametrize("content", [b"", b"- a list", b"{open", b"x" * 1_000_001])
def test_a_model_with_an_odd_description(old, model, content):
    """It becomes ready all the same."""
    old.say(f"PUT {FILES}/0/models/{model}/artifacts/MLmodel", content)
    assert old.say(f"PATCH {MODELS}/{model}", {"status": "LOGGED_MODEL_READY"}).status == 200
    (entry,) = json.loads(old.store.runs[RUN]["tags"]["mlflow.log-model.history"])
    assert entry["flavors"] == {}


def test_tags(old, model):
    """Set, replaced, deleted; a second deletion finds nothing."""
    tags = f"{MODELS}/{model}/tags"
    old.say(f"PATCH {tags}", {"tags": [{"key": "a b", "value": "1"}, {"key": "c", "value": "2"}]})
    old.say(f"PATCH {tags}", {"tags": [{"key": "c", "value": "ü" * 9000}]})
    assert _info(old, model)["tags"] == [{"key": "a b", "value": "1"}, {"key": "c", "value": "ü" * 9000}]
    assert old.say(f"DELETE {tags}/a%20b").status == 200
    assert [tag["key"] for tag in _info(old, model)["tags"]] == ["c"]
    assert old.say(f"DELETE {tags}/a%20b").body["error_code"] == "RESOURCE_DOES_NOT_EXIST"


def test_params_are_written_once(old, model):
    """As on every server that has them."""
    line = f"POST {MODELS}/{model}/params"
    assert old.say(line, {"params": [{"key": "a", "value": "1"}]}).status == 200
    again = old.say(line, {"params": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]})
    assert (again.status, again.body["error_code"]) == (400, "BAD_REQUEST")
    assert old.say(f"GET {MODELS}/{model}").body["model"]["data"] == {"params": [{"key": "a", "value": "1"}]}


def test_a_deleted_model(old, model):
    """It is gone for clients that know models; its files stay for those that look among the run's."""
    assert old.say(f"DELETE {MODELS}/{model}").status == 200
    for line in (f"GET {MODELS}/{model}", f"DELETE {MODELS}/{model}"):
        said = old.say(line)
        assert (said.status, said.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert old.say(f"GET {MODELS}/{model}?allow_deleted=true").status == 200
    assert old.say(f"POST {MODELS}/search", {"experiment_ids": ["0"]}).body == {"models": []}
    assert f"0/{RUN}/artifacts/m/MLmodel" in old.files


def test_a_model_of_a_deleted_run(old, model):
    """It still takes tags, and the run stays deleted."""
    old.store.runs[RUN]["info"]["lifecycle_stage"] = "deleted"
    assert old.say(f"PATCH {MODELS}/{model}/tags", {"tags": [{"key": "a", "value": "1"}]}).status == 200
    assert _info(old, model)["tags"] == [{"key": "a", "value": "1"}]
    assert old.store.runs[RUN]["info"]["lifecycle_stage"] == "deleted"
