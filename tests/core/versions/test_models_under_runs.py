"""Looking for the logged model that an older client's path means."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.versions import jsontext
from proxy.core.versions.models_under_runs import place_of

RUN = "ab" * 16


def _place(path, *answers) -> Any:
    steps, sent = place_of(path), []
    given = iter(answers)
    try:
        sent.append(next(steps))
        while True:
            sent.append(steps.send(next(given)))
    except StopIteration as done:
        return sent, done.value


def _found(uri) -> Any:
    return jsontext.answer({"models": [{"info": {"artifact_uri": uri}}]})


def test_the_newest_of_that_name():
    """One call; the rest of the path stays."""
    sent, place = _place(f"3/{RUN}/artifacts/m/a/b", _found("mlflow-artifacts:/3/models/m-1/artifacts"))
    assert place == "3/models/m-1/artifacts/a/b"
    assert sent[0].arguments["filter"] == f"source_run_id = '{RUN}' AND name = 'm'"
    assert sent[0].arguments["max_results"] == 1


def test_an_experiment_that_keeps_its_artifacts_elsewhere():
    """The run says which experiment it is of."""
    run = jsontext.answer({"run": {"info": {"run_id": RUN, "experiment_id": "7"}}})
    sent, place = _place(f"shared/{RUN}/artifacts/m", run, _found("mlflow-artifacts:/shared/models/m-1/artifacts"))
    assert place == "shared/models/m-1/artifacts"
    assert sent[1].arguments["experiment_ids"] == ["7"]
    gone = jsontext.answer({"error_code": "RESOURCE_DOES_NOT_EXIST"}, 404)
    assert _place(f"shared/{RUN}/artifacts/m", gone)[1] is None


@pytest.mark.parametrize("path", [None, "x", f"3/{RUN}/artifacts", f"3/{RUN}/artifacts/it's/a"])
def test_paths_of_no_model(path):
    """The server is not asked."""
    assert _place(path) == ([], None)


@pytest.mark.parametrize("answer", [_found("s3://b/x"), jsontext.answer({}), jsontext.answer({"error_code": "X"}, 500)])
def test_nothing_to_serve(answer):
    """No model, files that do not go through the server, or a server that says no."""
    assert _place(f"3/{RUN}/artifacts/m", answer)[1] is None
