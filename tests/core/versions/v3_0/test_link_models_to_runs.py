"""Models that runs made and used, on servers that cannot say so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.versions.v3_0.conftest import RUN
from tests.fakes.old_server import OldServer

M1, M2 = f"m-{'1' * 32}", f"m-{'2' * 32}"
OUTPUTS, INPUTS = "POST /api/2.0/mlflow/runs/outputs", "POST /api/2.0/mlflow/runs/log-inputs"
GET = f"GET /api/2.0/mlflow/runs/get?run_id={RUN}"


def test_links_are_shown_to_those_who_know_them(old):
    """With their steps; to nobody else, and the tags that keep them to nobody at all."""
    models = [{"model_id": M1, "step": 7}, {"model_id": M2}]
    assert old.say(OUTPUTS, {"run_id": RUN, "models": models}).body == {}
    assert old.say(INPUTS, {"run_id": RUN, "models": [{"model_id": M2}]}).body == {}
    run = old.say(GET).body["run"]
    assert run["outputs"] == {"model_outputs": [{"model_id": M2, "step": 0}, {"model_id": M1, "step": 7}]}
    assert run["inputs"] == {"model_inputs": [{"model_id": M2}]}
    (found,) = old.say("POST /api/2.0/mlflow/runs/search", {"experiment_ids": ["0"]}).body["runs"]
    assert found["outputs"] == run["outputs"]
    older = old.say(GET, client="2.14.3").body["run"]
    assert ("outputs" in older, older["data"]["tags"]) == (False, [])


def test_outputs_of_nothing(old):
    """What every 3.x server says."""
    assert old.say(OUTPUTS, {"run_id": RUN}).body["error_code"] == "INVALID_PARAMETER_VALUE"


def test_data_sets_go_their_own_way(talk):
    """Only the models are taken out of an input that names both."""
    datasets = [{"dataset": {"name": "d", "digest": "1"}}]
    body = {"run_id": RUN, "models": [{"model_id": M1}], "datasets": datasets}
    played = talk(INPUTS, body, client="3.17.2", server="2.22.4", answers=({}, {}))
    assert played.sent[0][0] == "POST /api/2.0/mlflow/runs/log-batch"
    assert played.sent[1] == (INPUTS, {"run_id": RUN, "datasets": datasets})


def test_a_run_that_is_not_there(old):
    """The server's own refusal is the answer."""
    for line in (OUTPUTS, INPUTS):
        assert old.say(line, {"run_id": "f" * 32, "models": [{"model_id": M1}]}).status == 404


@pytest.mark.parametrize("line", [OUTPUTS, INPUTS])
@pytest.mark.parametrize("models", [[{}], ["m-1"], [{"model_id": 3}], [{"model_id": "x"}]])
def test_a_model_without_an_id_is_refused(talk, line, models):
    """Nothing is written."""
    played = talk(line, {"run_id": RUN, "models": models}, client="3.17.2", server="2.22.4")
    assert (played.status, played.sent) == (400, [])


def test_inputs_without_models_are_left_alone(talk):
    """A 2.22 server takes data sets itself."""
    body = {"run_id": RUN, "datasets": [{"dataset": {"name": "d", "digest": "1"}}]}
    assert talk(INPUTS, body, client="3.17.2", server="2.22.4").untouched


def test_many_models_are_linked_in_several_requests(talk):
    """Servers take a hundred tags at once."""
    models = [{"model_id": f"m-{number:032x}"} for number in range(150)]
    played = talk(OUTPUTS, {"run_id": RUN, "models": models}, client="3.17.2", server="2.22.4", answers=({}, {}))
    assert [len(body["tags"]) for _, body in played.sent] == [100, 50]


MODEL_IDS = st.integers(0, 2**128 - 1).map(lambda number: f"m-{number:032x}")


@given(st.dictionaries(MODEL_IDS, st.integers(0, 2**31 - 1), min_size=1, max_size=4), st.sets(MODEL_IDS, max_size=4))
def test_every_link_comes_back(made, used):
    """Outputs by their steps, inputs with nothing but the model."""
    server = OldServer("2.22.4")
    server.store.add_run("0", RUN)
    outputs = [{"model_id": model_id, "step": step} for model_id, step in made.items()]
    server.say(OUTPUTS, {"run_id": RUN, "models": outputs})
    if used:
        server.say(INPUTS, {"run_id": RUN, "models": [{"model_id": model_id} for model_id in used]})
    run = server.say(GET).body["run"]
    by_step = sorted(outputs, key=lambda each: (each["step"], each["model_id"]))
    assert run["outputs"] == {"model_outputs": by_step}
    assert {each["model_id"] for each in run.get("inputs", {}).get("model_inputs", [])} == used
