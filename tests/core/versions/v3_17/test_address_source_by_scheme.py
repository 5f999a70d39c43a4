"""Sources of model versions that are http addresses of a run's artifacts."""

from __future__ import annotations

from typing import Any

import pytest

RUN = "0123456789abcdef" * 2
CREATE = "POST /api/2.0/mlflow/model-versions/create"
MADE = {"model_version": {"name": "m", "version": "1"}}


def _create(talk: Any, source: str, *answers: Any, client: str = "2.22.4", **more: str) -> Any:
    return talk(CREATE, {"name": "m", "source": source, **more}, client=client, server="3.17.2", answers=answers)


@pytest.mark.parametrize("host", ["http://127.0.0.1:5000", "https://mlflow.example/prefix"])
def test_the_same_place_by_its_scheme(talk, host):
    """The run is named as well, so that the server can tell whether the place is that run's."""
    source = f"{host}/api/2.0/mlflow-artifacts/artifacts/3/{RUN}/artifacts/model"
    played = _create(talk, source, {"files": [{"path": "MLmodel"}]}, MADE)
    sent = {"name": "m", "source": f"mlflow-artifacts:/3/{RUN}/artifacts/model", "run_id": RUN}
    assert played.sent[1:] == [(CREATE, sent)]
    assert played.changes == ["address_source_by_scheme", "register_models_under_runs", "name_source_run"]


def test_a_logged_model_is_found_at_such_an_address(talk):
    """As at the address that newer clients write."""
    source = f"http://host/api/2.0/mlflow-artifacts/artifacts/3/{RUN}/artifacts/model"
    model = f"m-{RUN}"
    played = _create(talk, source, {}, {"models": [{"info": {"model_id": model}}]}, MADE)
    assert played.sent[-1] == (CREATE, {"name": "m", "source": f"models:/{model}", "model_id": model})


def test_other_sources_are_left_alone(talk):
    """Of other schemes, of other places, and of clients that know the rule."""
    for source in (f"mlflow-artifacts:/3/{RUN}/artifacts/x", "http://host/models/x", "s3://bucket/x"):
        assert _create(talk, source, client="3.10.1", run_id=RUN).untouched
    source = f"http://host/api/2.0/mlflow-artifacts/artifacts/3/{RUN}/artifacts/model"
    assert _create(talk, source, client="3.17.2").untouched
