"""Runs that stand for models without a run, in searches of runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

SEARCH = "POST /api/2.0/mlflow/runs/search"
MODEL = f"m-{'1' * 32}"


def _run(number: int, *, made: bool = False, of_model: bool = False) -> dict[str, Any]:
    kept = {"name": "m", "folder": "m", **({"run_made_for_it": True} if made else {})}
    note = {"key": f"mlflow.tightrope.model.{MODEL}", "value": f"1 {json.dumps(kept)}"}
    tags = [{"key": "mlflow.tightrope.hasModels", "value": "yes"}, note]
    return {"info": {"run_id": f"r{number}"}, "data": {"tags": tags if made or of_model else []}}


def _ids(body: Any) -> list[str]:
    return [run["info"]["run_id"] for run in body["runs"]]


def test_pages_are_filled_from_the_next_ones(talk):
    """As many runs as were asked for, with the server's own token behind the last one."""
    first = {"runs": [_run(1), _run(2, made=True), _run(3, of_model=True), _run(4, made=True)], "next_page_token": "t4"}
    more = {"runs": [_run(5), _run(6, made=True)], "next_page_token": "t6"}
    last = {"runs": [_run(7)], "next_page_token": "t7"}
    asked = {"experiment_ids": ["1"], "max_results": 4}
    played = talk(SEARCH, asked, client="3.17.2", server="1.30.1", emulated=True, answers=(first, more, last))
    assert (_ids(played.body), played.body["next_page_token"]) == (["r1", "r3", "r5", "r7"], "t7")
    assert [(body.get("max_results"), body.get("page_token")) for _, body in played.sent] == [
        (4, None),
        (2, "t4"),
        (1, "t6"),
    ]


def test_the_last_page_is_shorter(talk):
    """There is nothing to fill it from."""
    answer = {"runs": [_run(1, made=True), _run(2)]}
    played = talk(SEARCH, {}, client="3.17.2", server="2.22.4", emulated=True, answers=(answer,))
    assert (_ids(played.body), "next_page_token" in played.body) == (["r2"], False)


def test_an_error_on_the_way_is_the_answer(talk):
    """A page is whole or not there."""
    first = {"runs": [_run(1, made=True)], "next_page_token": "t"}
    broken = (400, {"error_code": "BAD_REQUEST", "message": "no"})
    played = talk(SEARCH, {}, client="3.17.2", server="2.22.4", emulated=True, answers=(first, broken))
    assert (played.status, played.body["message"]) == (400, "no")


@pytest.mark.parametrize(("client", "server"), [("2.22.4", "1.30.1"), ("3.17.2", "3.3.2")])
def test_who_looks_for_models_in_runs_finds_them(talk, client, server):
    """Clients before 3.0 need the run; servers with models have none."""
    answer = {"runs": [_run(1, made=True)]}
    played = talk(SEARCH, {}, client=client, server=server, emulated=True, answers=(answer,))
    assert _ids(played.body) == ["r1"]
