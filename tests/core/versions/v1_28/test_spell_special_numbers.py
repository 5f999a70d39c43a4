"""NaN and infinities on servers that want JSON."""

from __future__ import annotations

import pytest

METRIC = "POST /api/2.0/mlflow/runs/log-metric"
BATCH = "POST /api/2.0/mlflow/runs/log-batch"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_bare_tokens_become_strings(talk, number):
    """One metric, or among others."""
    played = talk(
        METRIC, f'{{"key": "a", "value": {number}}}'.encode(), client="3.17.2", server="1.23.1", answers=({},)
    )
    assert played.sent == [(METRIC, {"key": "a", "value": number})]
    body = f'{{"metrics": [{{"value": 1}}, {{"value": {number}}}]}}'.encode()
    played = talk(BATCH, body, client="3.17.2", server="1.23.1", answers=({},))
    assert played.sent == [(BATCH, {"metrics": [{"value": 1}, {"value": number}]})]


def test_ordinary_numbers_pass_as_bytes(talk):
    """Nothing is written anew for them."""
    assert talk(METRIC, {"key": "a", "value": 1.5}, client="3.17.2", server="1.23.1").untouched
    assert talk(METRIC, b'{"key": "a", "value": NaN}', client="2.0.1", server="3.17.2").untouched
