"""One whole trace."""

from __future__ import annotations

from tests.golden import recorded

TRACE = "tr-031682e8febc2988a983665233a16d29"
WHOLE = recorded("traces/whole_3_17.json")["trace"]
ONE = f"GET /api/3.0/mlflow/traces/get?trace_id={TRACE}"


def test_it_is_read_as_one_of_many(talk):
    """By the server where it can."""
    played = talk(ONE, client="3.17.2", server="3.6.0", answers=({"traces": [WHOLE]},))
    assert played.sent == [(f"GET /api/3.0/mlflow/traces/batchGet?trace_ids={TRACE}", None)]
    assert played.body == {"trace": WHOLE}


def test_where_the_server_cannot_it_is_read_from_info_and_file(talk):
    """Exactly what a newer server answered for it."""
    answers = ({"trace": {"trace_info": WHOLE["trace_info"]}}, recorded("traces/file_3_17.json"))
    assert talk(ONE, client="3.17.2", server="3.3.2", answers=answers).body == {"trace": WHOLE}


def test_a_missing_trace_is_not_found(talk):
    """Where ``batchGet`` answers an empty list."""
    played = talk(ONE, client="3.17.2", server="3.6.0", answers=({"traces": []},))
    assert (played.status, played.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_failure_is_the_answer(talk):
    """Nothing is made up."""
    assert talk(ONE, client="3.17.2", server="3.6.0", answers=((503, {}),)).status == 503
