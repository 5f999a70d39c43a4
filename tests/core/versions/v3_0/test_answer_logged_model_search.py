"""Searching for logged models on servers that have none."""

from __future__ import annotations

SEARCH = "POST /api/2.0/mlflow/logged-models/search"


def test_none_are_found_and_nobody_is_asked(talk):
    """Listing the artifacts of a run works for 3.x clients."""
    played = talk(SEARCH, {"experiment_ids": ["0"]}, client="3.17.2", server="2.22.4")
    assert (played.sent, played.status, played.body) == ([], 200, {"models": []})
    assert played.changes == ["answer_logged_model_search"]


def test_servers_with_logged_models_are_asked(talk):
    """From 3.0 on the search is theirs."""
    assert talk(SEARCH, {}, client="3.17.2", server="3.0.1").untouched
