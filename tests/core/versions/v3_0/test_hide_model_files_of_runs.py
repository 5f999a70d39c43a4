"""Which files newer clients see among a run's."""

from __future__ import annotations

from typing import Any

from tests.core.versions.v3_0.conftest import FILES, RUN


def _seen(old, folder, client) -> Any:
    body = old.say(f"GET {FILES}?path=0/{RUN}/artifacts{folder}", client=client).body
    return [file["path"] for file in body.get("files") or []]


def test_the_folder_of_a_model(old, model):
    """Newer clients look for the model themselves; older ones have nothing else to see it by."""
    assert model
    old.files[f"0/{RUN}/artifacts/note.txt"] = b"1"
    assert (_seen(old, "", "3.17.2"), _seen(old, "/m", "3.17.2")) == (["note.txt"], [])
    assert (_seen(old, "", "2.14.3"), _seen(old, "/m", "2.14.3")) == (["m", "note.txt"], ["MLmodel"])


def test_runs_without_models(old):
    """Every other folder is listed as it is, and so is a run that is not there."""
    old.files[f"0/{RUN}/artifacts/d/x"] = b"1"
    assert (_seen(old, "", "3.17.2"), _seen(old, "/d", "3.17.2")) == (["d"], ["x"])
    assert old.say(f"GET {FILES}?path=0/{'f' * 32}/artifacts").body == {"files": []}


def test_nothing_is_asked_where_nothing_was_emulated(talk):
    """A server that holds nothing of ours is listed in one call."""
    line = f"GET {FILES}?path=0/{RUN}/artifacts"
    assert len(talk(line, client="3.17.2", server="2.22.4", answers=({},)).sent or [line]) == 1
