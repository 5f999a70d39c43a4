"""Bare attribute names for servers that want the prefix."""

from __future__ import annotations

from typing import Any

import pytest

SEARCH = "POST /api/2.0/mlflow/runs/search"


def _ask(talk: Any, body: object) -> Any:
    return talk(SEARCH, body, client="2.22.4", server="1.30.1", answers=({},))


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("status = 'FINISHED'", "attributes.status = 'FINISHED'"),
        ("metrics.a > 1 and run_id = 'status = 1'", "metrics.a > 1 AND attributes.run_id = 'status = 1'"),
        ("start_time>5 AND tags.`status` = 'x'", "attributes.start_time>5 AND tags.`status` = 'x'"),
    ],
)
def test_bare_names_in_a_filter_get_the_prefix(talk, given, sent):
    """Values and keys that merely look alike stay."""
    played = _ask(talk, {"filter": given})
    assert played.sent == [(SEARCH, {"filter": sent})]
    assert played.changes == ["prefix_run_attributes"]


def test_bare_names_in_an_ordering_get_the_prefix(talk):
    """Direction and other entries stay."""
    played = _ask(talk, {"order_by": ["start_time DESC", "metrics.a", "end_time"]})
    assert played.sent == [(SEARCH, {"order_by": ["attributes.start_time DESC", "metrics.a", "attributes.end_time"]})]


@pytest.mark.parametrize(
    "body",
    [
        {"filter": "attributes.status = 'x'", "order_by": ["attributes.start_time"]},
        {"filter": "colour = 'x'"},
        {"filter": "status = 'open"},
        {"filter": 5, "order_by": "status"},
        {"order_by": [5, "="]},
        {},
    ],
)
def test_everything_else_stays_as_it_is(talk, body):
    """What has a prefix, is unknown or is broken goes to the server unchanged."""
    played = _ask(talk, body)
    assert played.sent == [(SEARCH, body)]
    assert "prefix_run_attributes" not in played.changes


def test_newer_servers_take_bare_names(talk):
    """From 2.0 on the filter is not looked at."""
    assert talk(SEARCH, {"filter": "status = 'x'"}, client="2.22.4", server="2.0.1").untouched
