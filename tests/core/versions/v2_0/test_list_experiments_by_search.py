"""Listing experiments on servers that only search."""

from __future__ import annotations

import pytest

SEARCH = "POST /api/2.0/mlflow/experiments/search"


@pytest.mark.parametrize("path", ["/api/2.0/mlflow/experiments/list", "/api/2.0/preview/mlflow/experiments/list"])
def test_all_experiments_come_in_one_list(talk, path):
    """A caller without ``max_results`` expects everything, so every page is fetched."""
    pages = (
        {"experiments": [{"experiment_id": "0"}], "next_page_token": "t"},
        {"experiments": [{"experiment_id": "1"}]},
    )
    played = talk(f"GET {path}?view_type=ALL", client="1.30.1", server="3.17.2", answers=pages)
    asked = {"view_type": "ALL", "order_by": ["experiment_id ASC"], "max_results": 1000}
    assert played.sent == [(SEARCH, asked), (SEARCH, {**asked, "page_token": "t"})]
    assert played.body == {"experiments": [{"experiment_id": "0"}, {"experiment_id": "1"}]}
    assert played.changes == ["list_experiments_by_search"]


def test_a_caller_that_pages_gets_its_page_and_token(talk):
    """One request, one page."""
    page = {"experiments": [{"experiment_id": "0"}], "next_page_token": "u"}
    line = "GET /api/2.0/mlflow/experiments/list?max_results=1&page_token=t"
    played = talk(line, client="1.30.1", server="2.0.1", answers=(page,))
    asked = {"max_results": 1, "page_token": "t", "order_by": ["experiment_id ASC"]}
    assert played.sent == [(SEARCH, asked)]
    assert played.body == page


def test_servers_that_list_are_asked_to_list(talk):
    """1.x servers get the request as it is."""
    assert talk("GET /api/2.0/mlflow/experiments/list", client="1.0.0", server="1.30.1").untouched
