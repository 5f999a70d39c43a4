"""Whole metric histories on servers that give pages only."""

from __future__ import annotations

from typing import Any

HISTORY = "GET /api/2.0/mlflow/metrics/get-history?run_id=a&metric_key=loss"


def _point(step: int) -> dict[str, Any]:
    return {"key": "loss", "value": 0.5, "timestamp": 1, "step": step}


def test_the_whole_history_comes_in_one_list(talk):
    """A client that never heard of pages gets every point."""
    pages = ({"metrics": [_point(0), _point(1)], "next_page_token": "t"}, {"metrics": [_point(2)]})
    played = talk(HISTORY, client="1.30.1", server="3.10.1", answers=pages)
    assert [line for line, _ in played.sent] == [
        f"{HISTORY}&max_results=25000",
        f"{HISTORY}&max_results=25000&page_token=t",
    ]
    assert played.body == {"metrics": [_point(0), _point(1), _point(2)]}
    assert played.changes == ["page_metric_history"]


def test_a_client_that_pages_is_left_alone(talk):
    """Its own page size and token go to the server."""
    assert talk(f"{HISTORY}&max_results=10", client="2.22.4", server="3.10.1").untouched


def test_other_servers_give_the_whole_list_anyway(talk):
    """Before 3.1 and from 3.14 on nothing is done."""
    for server in ("3.0.1", "3.14.0", "1.30.1"):
        assert talk(HISTORY, client="2.0.1", server=server).untouched
