"""Finding runs with logged models."""

from __future__ import annotations

from typing import Any

from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Dialects
from proxy.core.versions.logged_models import LoggedModel, tags_of
from proxy.core.versions.model_runs import find, with_models

MODEL = LoggedModel(f"m-{'1' * 32}", "m", "m")
RUN = {"info": {"run_id": "a", "experiment_id": "5"}, "data": {"tags": tags_of(MODEL)}}


def _play(steps, *answers) -> Any:
    given = iter(answers)
    sent = [next(steps)]
    try:
        while True:
            sent.append(steps.send(jsontext.answer(next(given))))
    except StopIteration as done:
        return sent, done.value


def test_every_experiment_is_looked_through_a_few_hundred_at_a_time():
    """Newest first, and no further than the model."""
    dialects = Dialects(None, Version(2, 22, 4))
    pages = [
        {"experiments": [{"experiment_id": str(number)} for number in range(400)], "next_page_token": "t"},
        {"experiments": [{"experiment_id": "400"}]},
    ]
    sent, found = _play(find(MODEL.model_id, dialects), *pages, {"runs": [RUN]})
    assert [call.operation for call in sent] == ["SearchExperiments", "SearchExperiments", "SearchRuns"]
    assert sent[2].arguments["experiment_ids"][:2] == ["400", "399"]
    assert len(sent[2].arguments["experiment_ids"]) == 300
    assert found == (RUN, MODEL)
    sent, found = _play(find(MODEL.model_id, dialects), *pages, {}, {})
    assert len(sent[3].arguments["experiment_ids"]) == 101
    assert found.status == 404


def test_old_servers_list_their_experiments():
    """Before 1.28 there is no search."""
    dialects = Dialects(None, Version(1, 20, 2))
    sent, _ = _play(find(MODEL.model_id, dialects), {"experiments": []})
    assert [call.operation for call in sent] == ["ListExperiments"]


def test_an_experiment_that_is_known_is_the_only_one_asked_for():
    """Artifact paths name it."""
    sent, found = _play(find(MODEL.model_id, Dialects(None, Version(2, 0)), "5"), {"runs": [RUN]})
    assert [call.arguments["experiment_ids"] for call in sent] == [["5"]]
    assert found == (RUN, MODEL)


def test_every_page_of_runs():
    """A search wants them all; a token that repeats ends it."""
    pages = ({"runs": [RUN], "next_page_token": "t"}, {"runs": [RUN], "next_page_token": "t"})
    sent, found = _play(with_models(["5"]), *pages)
    assert [call.arguments.get("page_token") for call in sent] == [None, "t"]
    assert found == [RUN, RUN]
