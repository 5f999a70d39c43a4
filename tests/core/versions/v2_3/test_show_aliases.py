"""Aliases in answers of servers that have none."""

from __future__ import annotations

from typing import Any

BASE = "/api/2.0/mlflow/registered-models"
VERSIONS = "/api/2.0/mlflow/model-versions"
MARK = {"key": "mlflow.tightrope.aliased", "value": "1 yes"}
READ_MODEL = f"GET {BASE}/get?name=m"


def _note(alias: str, version: str) -> dict[str, str]:
    return {"key": f"mlflow.tightrope.alias.{alias}", "value": f"1 {version}"}


def _model(*tags: dict[str, str]) -> dict[str, Any]:
    return {"registered_model": {"name": "m", "tags": [{"key": "mine", "value": "x"}, *tags]}}


def _version(number: str, *tags: dict[str, str]) -> dict[str, Any]:
    return {"model_version": {"name": "m", "version": number, "tags": list(tags)}}


def _talk(talk: Any, line: str, body: object = None, *, answers: tuple[Any, ...] = (), client: str = "3.17.2") -> Any:
    return talk(line, body, client=client, server="1.30.1", answers=answers, emulated=True)


def test_models_are_shown_with_their_aliases(talk):
    """In reads of one and in searches."""
    shown = [{"alias": "a", "version": "2"}]
    played = _talk(talk, READ_MODEL, answers=(_model(_note("a", "2")),))
    assert played.body["registered_model"]["aliases"] == shown
    listed = {"registered_models": [_model(_note("a", "2"))["registered_model"], _model()["registered_model"]]}
    played = _talk(talk, f"GET {BASE}/search", answers=(listed,))
    assert [model.get("aliases") for model in played.body["registered_models"]] == [shown, None]


def test_versions_without_a_mark_cost_no_further_request(talk):
    """The usual case: one read, passed on."""
    played = _talk(talk, f"GET {VERSIONS}/get?name=m&version=1", answers=(_version("1"),))
    assert (len(played.sent), played.body) == (1, _version("1"))


def test_latest_versions_are_shown_with_their_aliases(talk):
    """Each model is read once."""
    body = {"model_versions": [_version(number, MARK)["model_version"] for number in ("1", "2")]}
    played = _talk(
        talk,
        f"POST {BASE}/get-latest-versions",
        {"name": "m", "stages": ["None"]},
        answers=(body, _model(_note("a", "2"))),
    )
    assert [version.get("aliases") for version in played.body["model_versions"]] == [[], ["a"]]


def test_clients_without_aliases_are_left_alone(talk):
    """Before 2.3 nobody knows them; and where nothing was emulated, nothing is read."""
    assert talk(f"GET {VERSIONS}/get?name=m&version=1", client="1.28.0", server="1.30.1", emulated=True).untouched
    assert talk(f"GET {VERSIONS}/get?name=m&version=1", client="2.3.2", server="2.0.1").untouched
