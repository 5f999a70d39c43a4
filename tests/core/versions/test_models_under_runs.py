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


@pytest.mark.parametrize("path", [None, "x", f"3/{RUN}/artifacts", f"3/{RUN}/artifacts/it's/a"])
def test_paths_of_no_model(path):
    """The server is not asked."""
    assert _place(path) == ([], None)


@pytest.mark.parametrize("answer", [_found("s3://b/x"), jsontext.answer({}), jsontext.answer({"error_code": "X"}, 500)])
def test_nothing_to_serve(answer):
    """No model, files that do not go through the server, or a server that says no."""
    assert _place(f"3/{RUN}/artifacts/m", answer)[1] is None
