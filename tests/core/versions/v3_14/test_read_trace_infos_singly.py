"""The infos of many traces."""

from __future__ import annotations

from typing import Any

from tests.golden import recorded

INFO = recorded("traces/whole_3_17.json")["trace"]["trace_info"]
MANY = "POST /api/3.0/mlflow/traces/batchGetInfos"


def test_each_is_read_by_itself(talk):
    """Missing ones are left out."""
    answers: tuple[Any, ...] = ({"trace": {"trace_info": INFO}}, (404, {}))
    played = talk(MANY, {"trace_ids": ["a", "b"]}, client="3.17.2", server="3.10.1", answers=answers)
    assert [line for line, _ in played.sent] == [f"GET /api/3.0/mlflow/traces/{each}" for each in "ab"]
    assert played.body == {"trace_infos": [INFO]}


def test_traces_of_other_experiments_are_left_out_when_asked(talk):
    """The recorded trace lies in experiment 1."""
    for experiment, found in (("1", [INFO]), ("2", [])):
        body = {"trace_ids": ["a"], "experiment_ids": [experiment]}
        played = talk(MANY, body, client="3.17.2", server="3.3.2", answers=({"trace": {"trace_info": INFO}},))
        assert played.body == {"trace_infos": found}


def test_a_failure_is_the_answer(talk):
    """Half a list would look like a whole one."""
    assert talk(MANY, {"trace_ids": ["a"]}, client="3.17.2", server="3.10.1", answers=((503, {}),)).status == 503
