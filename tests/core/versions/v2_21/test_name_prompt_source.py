"""The placeholder source of prompts on servers that take it for a local path."""

from __future__ import annotations

import pytest

CREATE = "POST /api/2.0/mlflow/model-versions/create"
PROMPT = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


@pytest.mark.parametrize("source", ["dummy-source", "prompt-template"])
def test_the_placeholder_becomes_an_address_and_comes_back(talk, source):
    """In the answer of the create, of reads, and of searches of models."""
    named = f"mlflow-prompt:/{source}"
    body = {"name": "p", "source": source, "tags": PROMPT}
    answer = {"model_version": {"name": "p", "version": "1", "source": named}}
    played = talk(CREATE, body, client="3.17.2", server="1.30.1", answers=(answer,))
    assert played.sent[0][1]["source"] == named
    assert played.sent[0][1]["tags"] == [*PROMPT, {"key": "mlflow.tightrope.prompt", "value": "1 yes"}]
    assert played.body["model_version"]["source"] == source
    read = "GET /api/2.0/mlflow/model-versions/get-download-uri?name=p&version=1"
    assert talk(read, client="3.17.2", server="2.9.2", answers=({"artifact_uri": named},)).body == {
        "artifact_uri": source
    }
    listed = {"registered_models": [{"name": "p", "latest_versions": [answer["model_version"]]}]}
    read = "GET /api/2.0/mlflow/registered-models/search"
    shown = talk(read, client="3.17.2", server="1.30.1", answers=(listed,)).body["registered_models"][0]
    assert shown["latest_versions"][0]["source"] == source


@pytest.mark.parametrize(
    "body",
    [
        {"name": "m", "source": "dummy-source"},
        {"name": "m", "source": "dummy-source", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "false"}]},
        {"name": "m", "source": "s3://bucket/m", "tags": PROMPT},
    ],
)
def test_other_versions_are_left_alone(talk, body):
    """A model with such a source is refused as ever, a prompt with an address needs no other."""
    played = talk(CREATE, body, client="3.17.2", server="1.30.1", answers=({"model_version": {"source": "x"}},))
    assert played.sent[0][1] == body
    assert played.changes == []


def test_servers_with_prompts_are_left_alone(talk):
    """From 2.21 on the placeholder is expected."""
    body = {"name": "p", "source": "dummy-source", "tags": PROMPT}
    assert talk(CREATE, body, client="3.17.2", server="2.22.4").untouched
