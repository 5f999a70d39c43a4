"""Logged models that were noted on a server before 3.0, on the same server after its upgrade."""

from __future__ import annotations

import pytest

from tests.core.versions.v3_0.conftest import MODELS, RUN

SEARCH = f"POST {MODELS}/search"
VERSIONS = "POST /api/2.0/mlflow/model-versions/create"


@pytest.fixture
def upgraded(old, model):
    """The server of ``old``, with ``model`` in its notes and one of its own."""
    old.version = "3.17.2"
    old.own = old.say(f"POST {MODELS}", {"experiment_id": "0", "name": "own", "source_run_id": RUN}).body
    return old


@pytest.mark.parametrize("client", ["3.17.2", "3.3.2"])
def test_it_is_read(upgraded, model, client):
    """By clients of the server's own version, too; the server's own models are read from the server alone."""
    assert upgraded.say(f"GET {MODELS}/{model}", client=client).body["model"]["info"]["name"] == "m"
    upgraded.seen.clear()
    own = upgraded.own["model"]["info"]["model_id"]
    assert upgraded.say(f"GET {MODELS}/{own}", client=client).body == upgraded.own
    assert len(upgraded.seen) == 1


def test_what_neither_has(upgraded):
    """The server says so; what is no id at all is not looked for."""
    said = upgraded.say(f"GET {MODELS}/m-{'0' * 32}")
    assert (said.status, said.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    upgraded.seen.clear()
    assert upgraded.say(f"GET {MODELS}/m-1").status == 404
    assert len(upgraded.seen) == 1


def test_it_is_changed(upgraded, model):
    """Finalised, tagged and deleted where it is."""
    assert upgraded.say(f"PATCH {MODELS}/{model}", {"status": "LOGGED_MODEL_READY"}).status == 200
    assert upgraded.say(f"PATCH {MODELS}/{model}/tags", {"tags": [{"key": "a", "value": "b"}]}).status == 200
    info = upgraded.say(f"GET {MODELS}/{model}").body["model"]["info"]
    assert (info["status"], info["tags"]) == ("LOGGED_MODEL_READY", [{"key": "a", "value": "b"}])
    assert upgraded.say(f"DELETE {MODELS}/{model}").status == 200
    assert upgraded.say(f"GET {MODELS}/{model}").status == 404


def test_a_search_finds_both(upgraded, model):
    """In one order, page by page."""
    asked = {"experiment_ids": ["0"], "max_results": 1, "order_by": [{"field_name": "name"}]}
    first = upgraded.say(SEARCH, asked).body
    rest = upgraded.say(SEARCH, {**asked, "page_token": first["next_page_token"]}).body
    assert [each["info"]["name"] for page in (first, rest) for each in page["models"]] == ["m", "own"]
    assert "next_page_token" not in rest


def test_a_search_that_no_note_answers_is_the_servers(upgraded, model):
    """With its own pages, and its own words for what is wrong."""
    assert upgraded.say(f"DELETE {MODELS}/{model}").status == 200
    names = [each["info"]["name"] for each in upgraded.say(SEARCH, {"experiment_ids": ["0"]}).body["models"]]
    assert names == ["own"]
    upgraded.seen.clear()
    upgraded.say(SEARCH, {"experiment_ids": ["0"], "filter": "colour = 'x'"})
    assert len(upgraded.seen) == 1


def test_a_version_is_made_of_it(upgraded, model):
    """From where its files are, with its id in a note; versions of others go on as they are."""
    upgraded.say("POST /api/2.0/mlflow/registered-models/create", {"name": "r"})
    upgraded.store.refused_sources.add(f"models:/{model}")
    made = upgraded.say(VERSIONS, {"name": "r", "source": f"models:/{model}", "model_id": model}).body["model_version"]
    assert (made["source"], made["model_id"]) == (f"models:/{model}", model)
    assert upgraded.store.versions["r"][0]["source"] == f"mlflow-artifacts:/0/{RUN}/artifacts/m"
    upgraded.seen.clear()
    upgraded.say(VERSIONS, {"name": "r", "source": f"mlflow-artifacts:/0/{RUN}/artifacts/x", "run_id": RUN})
    assert len(upgraded.seen) == 1


def test_nobody_looks_where_nothing_was_emulated(talk):
    """A server that always had logged models is asked as it was."""
    assert talk(f"GET {MODELS}/m-{'0' * 32}", client="3.17.2", server="3.17.2").untouched
