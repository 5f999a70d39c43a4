"""Aliases in notes, on a server that has aliases by now."""

from __future__ import annotations

from typing import Any

import pytest

BASE = "/api/2.0/mlflow/registered-models"
ALIAS = f"{BASE}/alias"
VERSIONS = "/api/2.0/mlflow/model-versions"
READ_MODEL = f"GET {BASE}/get?name=m"
NOTE = {"key": "mlflow.tightrope.alias.a", "value": "1 2"}
MISSING = (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Registered model alias a not found."})
GET_ALIAS = f"GET {ALIAS}?name=m&alias=a"


def _model(*tags: dict[str, str]) -> dict[str, Any]:
    return {"registered_model": {"name": "m", "tags": list(tags)}}


def _talk(talk: Any, line: str, body: object = None, *, answers: tuple[Any, ...] = (), client: str = "3.17.2") -> Any:
    return talk(line, body, client=client, server="3.17.2", answers=answers, emulated=True)


@pytest.mark.parametrize("client", ["3.17.2", "2.9.2"])
def test_an_alias_leads_to_its_version(talk, client):
    """The server is asked first."""
    version = {"model_version": {"name": "m", "version": "2"}}
    played = _talk(talk, GET_ALIAS, answers=(MISSING, _model(NOTE), version), client=client)
    assert played.body["model_version"] == {"name": "m", "version": "2", "aliases": ["a"]}
    assert _talk(talk, GET_ALIAS, answers=(version,), client=client).body == version


def test_an_alias_that_neither_has(talk):
    """The server's words."""
    played = _talk(talk, GET_ALIAS, answers=(MISSING, _model()))
    assert (played.status, played.body) == MISSING


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_the_note_goes_when_the_alias_is_set_or_deleted(talk, method):
    """So that it does not come back; where there is none, nothing is deleted."""
    body = {"name": "m", "alias": "a"} | ({"version": "3"} if method == "POST" else {})
    played = _talk(talk, f"{method} {ALIAS}", body, answers=({}, _model(NOTE), {}))
    assert (played.status, played.body) == (200, {})
    assert played.sent[2] == (f"DELETE {BASE}/delete-tag", {"name": "m", "key": NOTE["key"]})
    assert len(_talk(talk, f"{method} {ALIAS}", body, answers=({}, _model())).sent) == 2


def test_a_refusal_stands(talk):
    """Nothing else is asked."""
    refused = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no version"})
    played = _talk(talk, f"POST {ALIAS}", {"name": "m", "alias": "a", "version": "9"}, answers=(refused,))
    assert (played.status, len(played.sent)) == (404, 1)


def test_what_is_no_alias_is_the_servers_affair(talk):
    """Nothing is looked for."""
    refused = (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "no text"})
    played = _talk(talk, f"POST {ALIAS}", {"name": "m", "alias": ["a"], "version": "1"}, answers=(refused,))
    assert (played.status, len(played.sent)) == (400, 1)


def test_both_are_shown(talk):
    """What the server knows of an alias counts more than a note."""
    model = _model(NOTE, {"key": "mlflow.tightrope.alias.b", "value": "1 1"})
    model["registered_model"]["aliases"] = [{"alias": "b", "version": "7"}]
    shown = _talk(talk, READ_MODEL, answers=(model,)).body["registered_model"]["aliases"]
    assert shown == [{"alias": "b", "version": "7"}, {"alias": "a", "version": "2"}]


def test_nobody_looks_where_nothing_was_emulated(talk):
    """A server of the client's own version is asked as it was."""
    assert talk(GET_ALIAS, client="3.17.2", server="3.17.2").untouched
