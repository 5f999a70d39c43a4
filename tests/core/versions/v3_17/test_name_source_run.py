"""Model versions on servers that want to know the run of an artifact."""

from __future__ import annotations

import pytest

CREATE = "POST /api/2.0/mlflow/model-versions/create"
RUN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "source",
    [
        f"runs:/{RUN}/model",
        f"mlflow-artifacts:/3/{RUN}/artifacts/model",
        f"mlflow-artifacts:/workspaces/team/3/{RUN}/artifacts",
    ],
)
def test_the_run_is_taken_from_the_source(talk, source):
    """The server is told the run that its own check would look for."""
    body = {"name": "m", "source": source}
    played = talk(CREATE, body, client="3.10.1", server="3.17.2", answers=({},))
    assert played.sent == [(CREATE, {**body, "run_id": RUN})]
    assert played.changes == ["name_source_run"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "m", "source": f"runs:/{RUN}/model", "run_id": RUN},
        {"name": "m", "source": f"mlflow-artifacts:/3/{RUN}/artifacts/model", "model_id": "m-1"},
        {"name": "m", "source": "s3://bucket/model"},
        {"name": "m", "source": f"s3://bucket/3/{RUN}/artifacts/model"},
        {"name": "m", "source": 7},
        {"name": "m"},
    ],
)
def test_nothing_is_added_where_there_is_no_need(talk, body):
    """A version that names its run or model, or lies elsewhere, passes as bytes."""
    assert talk(CREATE, body, client="3.10.1", server="3.17.2").untouched


def test_older_servers_do_not_ask(talk):
    """Up to 3.16 there is nothing to do."""
    assert talk(CREATE, {"name": "m", "source": f"runs:/{RUN}/model"}, client="1.30.1", server="3.16.0").untouched
