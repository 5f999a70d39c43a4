"""Runs as changes read and tag them."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.messages import Response
from proxy.core.versions import jsontext, runs


def _play(steps: Any, *answers: Response) -> tuple[list[Any], Any]:
    """The arguments of the calls that were made, and what came out."""
    asked = []
    given = iter(answers)
    try:
        call = next(steps)
        while True:
            asked.append(call.arguments)
            call = steps.send(next(given))
    except StopIteration as done:
        return asked, done.value


@pytest.mark.parametrize("info", [{"run_id": "a"}, {"run_uuid": "a"}, {"run_id": "a", "run_uuid": "b"}])
def test_a_run_has_an_id_under_either_name(info):
    """Servers of 1.x have both, the oldest only the second."""
    assert runs.id_of({"info": info}) == "a"
    assert runs.named(info) == "a"
    assert runs.naming({**info, "key": "x"}) == info


@pytest.mark.parametrize("run", [{}, {"info": None, "data": 7}, {"info": [], "data": {"tags": "x"}}])
def test_a_run_without_anything(run):
    """Has no id, no experiment and no tags."""
    assert (runs.id_of(run), runs.experiment_of(run), runs.tags_of(run)) == ("", "", {})


def test_a_run_is_read_or_its_refusal_is_the_answer():
    """What is no run is passed on as it is."""
    run = {"info": {"run_id": "a", "experiment_id": 3}, "data": {"tags": [{"key": "k", "value": "v"}]}}
    asked, found = _play(runs.read("a"), jsontext.answer({"run": run}))
    assert (asked, found) == ([{"run_id": "a", "run_uuid": "a"}], run)
    assert (runs.experiment_of(found), runs.tags_of(found)) == ("3", {"k": "v"})
    for answer in (jsontext.answer({"message": "no"}, 404), jsontext.answer({"run": {}}), Response(200, (), b"<p>")):
        assert _play(runs.read("a"), answer)[1] is answer


def test_tags_are_set_in_as_few_requests_as_servers_take():
    """A hundred at once, and none when there are none."""
    tags = [{"key": str(number), "value": ""} for number in range(250)]
    asked, answer = _play(runs.tag({"run_id": "a"}, tags), *[jsontext.answer({})] * 3)
    assert [len(each["tags"]) for each in asked] == [100, 100, 50]
    assert [tag for each in asked for tag in each["tags"]] == tags
    assert answer.ok
    assert _play(runs.tag({"run_id": "a"}, []))[0] == []


def test_the_first_failure_ends_it():
    """And is the answer."""
    asked, answer = _play(runs.tag({"run_id": "a"}, [{"key": "k"}] * 150), jsontext.answer({}, 404))
    assert (len(asked), answer.status) == (1, 404)
