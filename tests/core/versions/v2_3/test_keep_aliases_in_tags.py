"""Aliases on servers that have none."""

from __future__ import annotations

from typing import Any

import pytest

BASE = "/api/2.0/mlflow/registered-models"
ALIAS = f"{BASE}/alias"
VERSIONS = "/api/2.0/mlflow/model-versions"
MARK = {"key": "mlflow.tightrope.aliased", "value": "1 yes"}
MINE = {"key": "mine", "value": "x"}
READ_MODEL = f"GET {BASE}/get?name=m"


def _note(alias: str, version: str) -> dict[str, str]:
    return {"key": f"mlflow.tightrope.alias.{alias}", "value": f"1 {version}"}


def _model(*tags: dict[str, str]) -> dict[str, Any]:
    return {"registered_model": {"name": "m", "tags": [MINE, *tags]}}


def _version(number: str, *tags: dict[str, str]) -> dict[str, Any]:
    return {"model_version": {"name": "m", "version": number, "tags": list(tags)}}


def _talk(talk: Any, line: str, body: object = None, *, answers: tuple[Any, ...] = (), client: str = "3.17.2") -> Any:
    return talk(line, body, client=client, server="1.30.1", answers=answers, emulated=True)


def test_setting_an_alias_marks_the_version_and_notes_it_on_the_model(talk):
    """The version must exist; its mark is written once."""
    body = {"name": "m", "alias": "champion", "version": "2"}
    played = _talk(talk, f"POST {ALIAS}", body, answers=(_version("2"), {}, {}))
    assert played.sent == [
        (f"GET {VERSIONS}/get?name=m&version=2", None),
        (f"POST {VERSIONS}/set-tag", {"name": "m", "version": "2", **MARK}),
        (f"POST {BASE}/set-tag", {"name": "m", **_note("champion", "2")}),
    ]
    assert (played.status, played.body) == (200, {})
    again = _talk(talk, f"POST {ALIAS}", body, answers=(_version("2", MARK), {}))
    assert [line for line, _ in again.sent] == [f"GET {VERSIONS}/get?name=m&version=2", f"POST {BASE}/set-tag"]


def test_setting_an_alias_of_a_version_that_is_not_there(talk):
    """The server's own 404 is the answer."""
    missing = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"})
    played = _talk(talk, f"POST {ALIAS}", {"name": "m", "alias": "a", "version": "9"}, answers=(missing,))
    assert (played.status, played.body) == missing


def test_a_failed_write_is_the_answer(talk):
    """Neither write of the two is claimed when it failed."""
    body, failed = {"name": "m", "alias": "a", "version": "1"}, (403, {"error_code": "PERMISSION_DENIED"})
    assert _talk(talk, f"POST {ALIAS}", body, answers=(_version("1"), failed)).status == 403
    assert _talk(talk, f"POST {ALIAS}", body, answers=(_version("1", MARK), failed)).status == 403


@pytest.mark.parametrize(
    ("line", "body"),
    [
        (f"POST {ALIAS}", {"name": "m", "alias": "latest", "version": "1"}),
        (f"DELETE {ALIAS}", {"name": "m", "alias": "v1"}),
        (f"GET {ALIAS}?name=m&alias=v1", None),
    ],
)
def test_reserved_names_are_refused_without_asking(talk, line, body):
    """As every server that has aliases does."""
    played = _talk(talk, line, body)
    assert (played.status, played.body["error_code"], played.sent) == (400, "INVALID_PARAMETER_VALUE", [])


def test_deleting_an_alias(talk):
    """Its tag is deleted; one that is not there is gone already."""
    body = {"name": "m", "alias": "a"}
    played = _talk(talk, f"DELETE {ALIAS}", body, answers=(_model(_note("a", "1")), {}))
    deleted = (f"DELETE {BASE}/delete-tag", {"name": "m", "key": "mlflow.tightrope.alias.a"})
    assert played.sent == [(READ_MODEL, None), deleted]
    gone = _talk(talk, f"DELETE {ALIAS}", body, answers=(_model(),))
    assert (gone.status, gone.body, len(gone.sent)) == (200, {}, 1)
    missing = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
    assert _talk(talk, f"DELETE {ALIAS}", body, answers=(missing,)).status == 404


def test_resolving_an_alias_gives_the_version_with_its_aliases(talk):
    """All aliases of the version are on it, as on a server that has them."""
    model = _model(_note("b", "2"), _note("a", "2"), _note("old", "1"))
    played = _talk(talk, f"GET {ALIAS}?name=m&alias=a", answers=(model, _version("2", MARK)))
    assert [line for line, _ in played.sent] == [READ_MODEL, f"GET {VERSIONS}/get?name=m&version=2"]
    assert played.body["model_version"]["aliases"] == ["a", "b"]


def test_an_alias_of_a_version_that_vanished(talk):
    """The server's 404 is the answer."""
    missing = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})
    assert _talk(talk, f"GET {ALIAS}?name=m&alias=a", answers=(_model(_note("a", "9")), missing)).status == 404


@pytest.mark.parametrize("answer", [_model(), (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"})])
def test_a_missing_alias_is_an_invalid_parameter(talk, answer):
    """MLflow says 400 for it, and does not tell a missing model from a missing alias."""
    played = _talk(talk, f"GET {ALIAS}?name=m&alias=a", answers=(answer,))
    assert played.status == 400
    assert played.body == {
        "error_code": "INVALID_PARAMETER_VALUE",
        "message": "Registered model alias a not found.",
    }


def test_servers_with_aliases_are_left_alone(talk):
    """2.3 and newer need no help."""
    assert talk(f"GET {ALIAS}?name=m&alias=a", client="3.17.2", server="2.3.2", emulated=True).untouched
