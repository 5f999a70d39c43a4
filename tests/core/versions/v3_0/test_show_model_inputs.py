"""Logged models among the inputs of runs, in answers of servers that know none."""

from __future__ import annotations

from proxy.core.versions import run_inputs

GET = "GET /api/2.0/mlflow/runs/get?run_id=a"
TAGS = run_inputs.note_of("modelInput.m-1", {"model_id": "m-1"}, at=1, place=0)
RUN = {"run": {"info": {"run_id": "a"}, "data": {"tags": TAGS}, "inputs": {"dataset_inputs": [{}]}}}


def test_runs_have_their_models(talk):
    """Beside the datasets that the server knows itself."""
    played = talk(GET, client="3.17.2", server="2.22.4", answers=(RUN,), emulated=True)
    assert played.body["run"]["inputs"] == {"dataset_inputs": [{}], "model_inputs": [{"model_id": "m-1"}]}


def test_others_are_left_alone(talk):
    """Clients before 3.0, and servers on which nothing was emulated."""
    assert talk(GET, client="2.9.2", server="2.22.4", emulated=True).untouched
    assert talk(GET, client="3.17.2", server="2.22.4").untouched
