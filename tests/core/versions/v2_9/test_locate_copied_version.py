"""Copies of model versions on servers that do not look up the original's files."""

from __future__ import annotations

CREATE = "POST /api/2.0/mlflow/model-versions/create"
FILES = "mlflow-artifacts:/3/0123456789abcdef0123456789abcdef/artifacts/model"


def test_a_copy_is_made_from_the_files_of_the_original(talk):
    """The original's name may hold slashes and spaces."""
    body = {"name": "copy", "source": "models:/a/b c/12", "run_id": "r"}
    made = {"model_version": {"name": "copy", "version": "1", "source": FILES}}
    played = talk(CREATE, body, client="2.22.4", server="1.30.1", answers=({"artifact_uri": FILES}, made))
    assert "get-download-uri" in played.sent[0][0]
    assert played.sent[1][1] == {**body, "source": FILES}
    assert played.body == made


def test_a_missing_original_is_an_error(talk):
    """The server's own words."""
    missing = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such version"})
    played = talk(
        CREATE, {"name": "copy", "source": "models:/a/1"}, client="2.22.4", server="2.5.0", answers=(missing,)
    )
    assert played.status == 404
    assert played.body["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert len(played.sent) == 1


def test_other_sources_and_newer_servers_are_left_alone(talk):
    """Logged models have a way of their own; servers from 2.9 on do it themselves."""
    made = {"model_version": {"name": "m", "version": "1"}}
    body = {"name": "m", "source": FILES}
    assert talk(CREATE, body, client="2.22.4", server="2.5.0", answers=(made,)).sent[0][1] == body
    body = {"name": "m", "source": "models:/a/1"}
    assert talk(CREATE, body, client="2.22.4", server="2.9.2").untouched
