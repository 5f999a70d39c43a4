"""Tombstones of experiment tags, which nobody sees."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.core.versions.experiment_tags import TOMBSTONE

BASE = "/api/2.0/mlflow/experiments"
KEPT = {"key": "kept", "value": "x"}
BURIED = {"key": "gone", "value": TOMBSTONE}


def _experiment(*tags: Any) -> dict[str, Any]:
    return {"experiment": {"experiment_id": "1", "tags": list(tags)}}


@pytest.mark.parametrize("client", ["1.30.1", "3.17.2"])
@pytest.mark.parametrize("path", [f"{BASE}/get?experiment_id=1", f"{BASE}/get-by-name?experiment_name=e"])
def test_nobody_sees_a_buried_tag(talk, path, client):
    """The server's own clients included."""
    played = talk(f"GET {path}", client=client, server="1.30.1", answers=(_experiment(KEPT, BURIED),), emulated=True)
    assert played.body["experiment"]["tags"] == [KEPT]


def test_a_newer_server_may_hold_tombstones_too(talk):
    """Its database was copied from an older server's."""
    line = f"GET {BASE}/get?experiment_id=1"
    played = talk(line, client="3.17.2", server="3.17.2", answers=(_experiment(KEPT, BURIED),), emulated=True)
    assert played.body["experiment"]["tags"] == [KEPT]


def test_lists_are_cleaned_as_well(talk):
    """Every experiment of an answer."""
    answer = {"experiments": [_experiment(BURIED)["experiment"], _experiment(KEPT)["experiment"]]}
    played = talk(f"GET {BASE}/list", client="1.30.1", server="1.30.1", answers=(answer,), emulated=True)
    assert [each["tags"] for each in played.body["experiments"]] == [[], [KEPT]]


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ("tags.gone != 'x'", " AND tags.`gone` != '{}'"),
        ("name = 'a' AND tag.`g h` LIKE '%'", " AND tags.`g h` != '{}'"),
        ("tags.gone = 'x' AND name != 'y'", ""),
        ("tags.gone != 'open", ""),
    ],
)
def test_a_filter_does_not_find_buried_tags(talk, given, added):
    """Only comparators that a value nobody gave could satisfy need help."""
    line, body = f"POST {BASE}/search", {"filter": given, "max_results": 5}
    played = talk(line, body, client="2.22.4", server="2.22.4", answers=({"experiments": []},), emulated=True)
    assert played.sent[0][1]["filter"] == given + added.format(TOMBSTONE)
    assert played.changes == (["hide_buried_experiment_tags"] if added else [])


def test_answers_without_tombstones_are_passed_on(talk):
    """As bytes, and not at all looked at where nothing was emulated."""
    line = f"GET {BASE}/get?experiment_id=1"
    played = talk(line, client="2.22.4", server="2.22.4", answers=(_experiment(KEPT),), emulated=True)
    assert (played.body, played.changes) == (_experiment(KEPT), [])
    assert talk(line, client="3.17.2", server="2.22.4").untouched
