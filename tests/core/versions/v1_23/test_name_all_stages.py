"""Latest versions with and without stages, GET and POST."""

from __future__ import annotations

import pytest

POST = "POST /api/2.0/mlflow/registered-models/get-latest-versions"
GET = "/api/2.0/mlflow/registered-models/get-latest-versions"
ALL = "stages=None&stages=Staging&stages=Production&stages=Archived"


@pytest.mark.parametrize("client", ["1.30.1", "3.17.2", None])
def test_a_newer_client_gets_versions_of_every_stage(talk, client):
    """All stages are named to a server that would otherwise leave out versions in none."""
    played = talk(POST, {"name": "m"}, client=client, server="1.20.2", answers=({"model_versions": []},))
    assert played.sent == [(f"GET {GET}?name=m&{ALL}", None)]
    assert played.changes == ["name_all_stages"]


def test_stages_that_were_asked_for_stay(talk):
    """Only the method changes when the caller named its stages."""
    played = talk(POST, {"name": "m", "stages": ["Staging"]}, client="2.22.4", server="1.20.2", answers=({},))
    assert played.sent == [(f"GET {GET}?name=m&stages=Staging", None)]
    assert played.changes == []


def test_an_old_client_keeps_its_meaning(talk):
    """A client that means "versions in a stage" asks for just that."""
    assert talk(f"GET {GET}?name=m", client="1.10.0", server="1.20.2").untouched


def test_a_preview_get_becomes_the_post_of_today(talk):
    """Stages travel as a list even when there is one."""
    preview = "GET /api/2.0/preview/mlflow/registered-models/get-latest-versions?name=m&stages=Staging"
    played = talk(preview, client="1.20.2", server="3.17.2", answers=({},))
    assert played.sent == [(POST, {"name": "m", "stages": ["Staging"]})]
