"""Links of runs to logged models in answers."""

from __future__ import annotations

from typing import Any

GET = "GET /api/2.0/mlflow/runs/get?run_id=a"
MODEL = f"m-{'1' * 32}"


def _run(*tags) -> Any:
    return {"run": {"info": {"run_id": "a"}, "data": {"tags": [{"key": key, "value": value} for key, value in tags]}}}


def test_a_run_without_links_is_passed_on(talk):
    """Nothing is added, and nothing counts as translated."""
    for answer in (_run(("a", "b")), b"<html>"):
        played = talk(GET, client="3.17.2", server="2.22.4", answers=(answer,), emulated=True)
        assert (played.changes, "outputs" in str(played.body)) == ([], False)


def test_a_step_that_is_no_number(talk):
    """Somebody wrote to our tag; the link stays."""
    answer = _run((f"mlflow.tightrope.output.{MODEL}", "x"))
    played = talk(GET, client="3.17.2", server="2.22.4", answers=(answer,), emulated=True)
    assert played.body["run"]["outputs"] == {"model_outputs": [{"model_id": MODEL, "step": 0}]}
    assert played.changes == ["show_models_of_runs"]


def test_clients_before_models_and_servers_with_them(talk):
    """Neither needs it."""
    assert talk(GET, client="2.22.4", server="2.14.3").untouched
    assert talk(GET, client="3.17.2", server="3.3.2").untouched
