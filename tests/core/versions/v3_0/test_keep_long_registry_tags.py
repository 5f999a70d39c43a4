"""Long tags of models and versions."""

from __future__ import annotations

from typing import Any

import pytest

API = "POST /api/2.0/mlflow/"
LONG = "x" * 9000


def _say(talk: Any, what: str, body: Any, *answers: Any, client: str = "3.17.2") -> Any:
    return talk(API + what, body, client=client, server="2.22.4", answers=answers)


@pytest.mark.parametrize("what", ["registered-models", "model-versions"])
def test_a_tag_is_kept_before_it_is_set(talk, what):
    """Piece by piece on the same object."""
    body = {"name": "m", "version": "1", "key": "t", "value": LONG}
    played = _say(talk, f"{what}/set-tag", body, {}, {}, {}, {})
    assert [len(sent["value"]) for _, sent in played.sent] == [4002, 4000, 1000, 5000]
    assert [sent["key"].startswith("mlflow.tightrope.") for _, sent in played.sent] == [True, True, True, False]
    assert {(line, sent["name"]) for line, sent in played.sent} == {(f"{API}{what}/set-tag", "m")}


@pytest.mark.parametrize("what", ["registered-models", "model-versions"])
def test_a_create_carries_all(talk, what):
    """In one request."""
    body = {"name": "m", "source": "s3://b/x", "tags": [{"key": "t", "value": LONG}]}
    ((_, sent),) = _say(talk, f"{what}/create", body, {}).sent
    assert [len(tag["value"]) for tag in sent["tags"]] == [5000, 4002, 4000, 1000]


def test_a_failure_to_keep_is_told(talk):
    """The tag is not set then."""
    played = _say(talk, "registered-models/set-tag", {"name": "m", "key": "t", "value": LONG}, (404, {}))
    assert (played.status, len(played.sent)) == (404, 1)


def test_short_tags_pass(talk):
    """And so do those that the client's own server would refuse."""
    body = {"name": "m", "key": "t", "value": "x" * 5000}
    assert _say(talk, "registered-models/set-tag", body).untouched
    assert _say(talk, "registered-models/set-tag", {**body, "value": LONG}, client="2.14.3").untouched
