"""Logged models as inputs of runs, on servers that know none."""

from __future__ import annotations

from typing import Any

import pytest

LOG = "POST /api/2.0/mlflow/runs/log-inputs"
GET = "GET /api/2.0/mlflow/runs/get?run_id=a"
DATASET = {"dataset": {"name": "n", "digest": "d", "source_type": "local", "source": "{}"}, "tags": []}


def _log(talk: Any, answers: tuple[Any, ...], server: str = "2.22.4", **more: Any) -> Any:
    body = {"run_id": "a", "models": [{"model_id": "m-1"}, {"model_id": "m-2"}], **more}
    return talk(LOG, body, client="3.17.2", server=server, answers=answers)


def test_models_are_noted_and_shown_again(talk):
    """Without datasets nothing else is sent."""
    played = _log(talk, ({},))
    assert [line for line, _ in played.sent] == ["POST /api/2.0/mlflow/runs/log-batch"]
    run = {"run": {"data": {"tags": played.sent[0][1]["tags"]}}}
    shown = talk(GET, client="3.17.2", server="2.22.4", answers=(run,), emulated=True)
    assert shown.body["run"]["inputs"] == {"model_inputs": [{"model_id": "m-1"}, {"model_id": "m-2"}]}


def test_datasets_of_the_same_call_go_on(talk):
    """To a server that knows them as they are, to an older one as notes."""
    played = _log(talk, ({}, {}), datasets=[DATASET])
    assert played.sent[1] == (LOG, {"run_id": "a", "datasets": [DATASET]})
    older = _log(talk, ({}, {"run": {"data": {}}}, {}), server="1.30.1", datasets=[DATASET])
    assert older.changes == ["keep_model_inputs_in_tags", "keep_datasets_in_tags"]


def test_a_refusal_is_the_answer(talk):
    """The datasets are not sent then."""
    played = _log(talk, ((404, {"error_code": "RESOURCE_DOES_NOT_EXIST"}),), datasets=[DATASET])
    assert (played.status, len(played.sent)) == (404, 1)


@pytest.mark.parametrize("models", [[{}], ["m-1"], [{"model_id": 3}]])
def test_a_model_without_an_id_is_refused(talk, models):
    """Nothing is written."""
    played = _log(talk, (), models=models)
    assert (played.status, played.sent) == (400, [])


def test_calls_without_models_are_left_alone(talk):
    """A 2.22 server takes the datasets itself."""
    assert talk(LOG, {"run_id": "a", "datasets": [DATASET]}, client="3.17.2", server="2.22.4").untouched
