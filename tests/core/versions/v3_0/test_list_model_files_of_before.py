"""Listings of what lies on a run, by the same server after its upgrade."""

from __future__ import annotations

from tests.core.versions.v3_0.conftest import FILES
from tests.fakes.old_server import OldServer


def _listed(server: OldServer, folder: str) -> list[str]:
    return [file["path"] for file in server.say(f"GET {FILES}?path={folder}").body.get("files", [])]


def test_files_of_before_and_after_are_listed_together(old, model):
    """Each once, whichever place it is in."""
    old.version = "3.17.2"
    folder = f"0/models/{model}/artifacts"
    assert _listed(old, folder) == ["MLmodel"]
    old.say(f"PUT {FILES}/{folder}/MLmodel", b"newer")
    old.say(f"PUT {FILES}/{folder}/a.txt", b"x")
    assert _listed(old, folder) == ["MLmodel", "a.txt"]


def test_a_model_of_the_servers_own(new):
    """The server's answer stands."""
    (model,) = new.models.models
    assert _listed(new, f"0/models/{model}/artifacts") == ["MLmodel"]
