"""Versions that are copied from others, on servers that cannot look the files up."""

from __future__ import annotations

import pytest

CREATE = "POST /api/2.0/mlflow/model-versions/create"
SOURCE = "models:/the model/3"
FILES = "mlflow-artifacts:/1/0123456789abcdef0123456789abcdef/artifacts/model"
NOTE = {"key": "mlflow.tightrope.copiedFrom", "value": f"1 {SOURCE}"}


@pytest.mark.parametrize(("client", "server"), [("3.17.2", "1.30.1"), ("2.22.4", "2.5.0"), ("2.9.2", "1.20.2")])
def test_a_copy_is_made_from_the_files(talk, client, server):
    """The server gets their place, the note and the client's own tags; the client sees what it asked for."""
    tag = {"key": "t", "value": "1"}
    made = {"model_version": {"name": "copy", "version": "1", "source": FILES, "tags": [tag, NOTE]}}
    body = {"name": "copy", "source": SOURCE, "tags": [tag]}
    played = talk(CREATE, body, client=client, server=server, answers=({"artifact_uri": FILES}, made))
    look, create = played.sent
    assert look[0].endswith("/model-versions/get-download-uri?name=the+model&version=3")
    assert create[1] == {"name": "copy", "source": FILES, "tags": [tag, NOTE]}
    assert played.body["model_version"]["source"] == SOURCE
    assert "resolve_copied_source" in played.changes


def test_a_copy_of_nothing_is_refused(talk):
    """In the server's words, and nothing is made."""
    missing = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such version"})
    played = talk(CREATE, {"name": "c", "source": SOURCE}, client="3.17.2", server="1.30.1", answers=(missing,))
    assert (played.status, len(played.sent)) == (404, 1)


@pytest.mark.parametrize("source", ["models:/m/Production", "models:/m@champion", "s3://b/models:/m/1", "runs:/r/m"])
def test_other_sources_go_as_they_are(talk, source):
    """No newer server looks up anything else."""
    body = {"name": "c", "source": source}
    assert talk(CREATE, body, client="2.22.4", server="1.30.1").untouched


def test_servers_that_look_it_up_themselves(talk):
    """From 2.9 on."""
    assert talk(CREATE, {"name": "c", "source": SOURCE}, client="3.17.2", server="2.9.2").untouched
