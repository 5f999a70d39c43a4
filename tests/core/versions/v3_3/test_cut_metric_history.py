"""Pages of histories on servers that give everything."""

from __future__ import annotations

from urllib.parse import quote

import pytest

GET = "GET /api/2.0/mlflow/metrics/get-history?run_id=r&metric_key=m"
POINTS = [{"key": "m", "value": value} for value in range(5)]


def test_pages_hold_every_point_once(talk):
    """Full pages, tokens that work, and no token at the end."""
    found, token = [], ""
    for _ in range(3):
        line = f"{GET}&max_results=2{token}"
        played = talk(line, client="3.17.2", server="2.22.4", answers=({"metrics": POINTS},))
        found.append([point["value"] for point in played.body["metrics"]])
        token = f"&page_token={quote(played.body.get('next_page_token', ''))}"
    assert (found, token) == ([[0, 1], [2, 3], [4]], "&page_token=")


@pytest.mark.parametrize("asked", ["&max_results=25000", ""])
def test_what_fits_stays(talk, asked):
    """The whole history in one page, or for a caller that knows no pages."""
    played = talk(f"{GET}{asked}", client="2.0.1", server="2.22.4", answers=({"metrics": POINTS},))
    assert (played.body, played.changes) == (({"metrics": POINTS}), []) or played.untouched


def test_a_token_of_nobody_is_refused(talk):
    """As later servers do."""
    line = f"{GET}&max_results=2&page_token=x"
    played = talk(line, client="3.17.2", server="2.22.4", answers=({"metrics": POINTS},))
    assert played.body["error_code"] == "INVALID_PARAMETER_VALUE"
