"""Aliases of a deleted version on servers that forget to drop them."""

from __future__ import annotations

BASE = "/api/2.0/mlflow"
DELETE = f"DELETE {BASE}/model-versions/delete"
BODY = {"name": "m", "version": "2"}
FOUND = {"model_version": {"name": "m", "version": "2", "aliases": ["a", "b"]}}


def test_they_are_dropped_once_the_version_is_gone(talk):
    """One call for each."""
    played = talk(DELETE, BODY, client="3.17.2", server="2.22.4", answers=(FOUND, {}, {}, {}))
    assert played.sent[1:] == [
        (DELETE, BODY),
        (f"DELETE {BASE}/registered-models/alias", {"name": "m", "alias": "a"}),
        (f"DELETE {BASE}/registered-models/alias", {"name": "m", "alias": "b"}),
    ]


def test_a_version_that_stays_keeps_them(talk):
    """The server's refusal is the answer."""
    played = talk(DELETE, BODY, client="3.17.2", server="2.22.4", answers=((404, {}), (404, {"error_code": "x"})))
    assert (played.status, len(played.sent)) == (404, 2)


def test_clients_that_know_it_otherwise_are_left_alone(talk):
    """And so are servers that drop them."""
    assert talk(DELETE, BODY, client="2.22.4", server="2.9.2").untouched
    assert talk(DELETE, BODY, client="99.0.0", server="3.17.2").untouched
