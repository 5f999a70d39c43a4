"""What becomes of the aliases of a deleted version."""

from __future__ import annotations

from typing import Any

BASE = "/api/2.0/mlflow/registered-models"
VERSIONS = "/api/2.0/mlflow/model-versions"
READ_MODEL = f"GET {BASE}/get?name=m"


def _note(alias: str, version: str) -> dict[str, str]:
    return {"key": f"mlflow.tightrope.alias.{alias}", "value": f"1 {version}"}


def _model(*tags: dict[str, str]) -> dict[str, Any]:
    return {"registered_model": {"name": "m", "tags": [{"key": "mine", "value": "x"}, *tags]}}


def _talk(talk: Any, line: str, body: object = None, *, answers: tuple[Any, ...] = (), client: str = "3.17.2") -> Any:
    return talk(line, body, client=client, server="1.30.1", answers=answers, emulated=True)


def test_deleting_a_version_drops_its_aliases(talk):
    """After the version is gone, whoever deletes it, the server's own clients included."""
    body = {"name": "m", "version": "2"}
    model = _model(_note("a", "2"), _note("b", "1"))
    for client in ("3.17.2", "1.30.1"):
        played = _talk(talk, f"DELETE {VERSIONS}/delete", body, client=client, answers=(model, {}, {}))
        assert played.sent == [
            (READ_MODEL, None),
            (f"DELETE {VERSIONS}/delete", body),
            (f"DELETE {BASE}/delete-tag", {"name": "m", "key": "mlflow.tightrope.alias.a"}),
        ]
    refused = _talk(talk, f"DELETE {VERSIONS}/delete", body, answers=(model, (404, {})))
    assert (refused.status, len(refused.sent)) == (404, 2)


def test_without_emulated_aliases_nothing_is_read(talk):
    """The delete goes as it came."""
    assert talk(f"DELETE {VERSIONS}/delete", {"name": "m", "version": "2"}, client="3.17.2", server="1.30.1").untouched
