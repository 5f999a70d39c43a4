"""Model versions with their logged models in answers."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.versions import notes

MODEL = f"m-{'1' * 32}"
NOTE = notes.write("loggedModel", f'{{"model_id": "{MODEL}", "source": "models:/{MODEL}"}}')


def _version(tags) -> Any:
    return {"name": "r", "version": "1", "source": "mlflow-artifacts:/0/a/artifacts/m", "tags": tags}


@pytest.mark.parametrize(
    ("line", "wrap"),
    [
        ("GET /api/2.0/mlflow/model-versions/get?name=r&version=1", lambda one: {"model_version": one}),
        ("GET /api/2.0/mlflow/model-versions/search", lambda one: {"model_versions": [_version([]), one]}),
        (
            "GET /api/2.0/mlflow/registered-models/get?name=r",
            lambda one: {"registered_model": {"name": "r", "latest_versions": [one]}},
        ),
    ],
)
def test_wherever_a_version_stands(talk, line, wrap):
    """Source and model id are those that were asked for; other versions stay."""
    played = talk(line, client="3.17.2", server="2.22.4", answers=(wrap(_version(NOTE)),), emulated=True)
    shown = {**_version(NOTE), "source": f"models:/{MODEL}", "model_id": MODEL}
    assert played.body == wrap(shown)
    assert played.changes == ["show_model_of_versions"]


def test_versions_without_one_are_passed_on(talk):
    """Nothing counts as translated."""
    line = "GET /api/2.0/mlflow/model-versions/get?name=r&version=1"
    answer = {"model_version": _version([{"key": "a", "value": "b"}])}
    played = talk(line, client="3.17.2", server="2.22.4", answers=(answer,), emulated=True)
    assert (played.body, played.changes) == (answer, [])
