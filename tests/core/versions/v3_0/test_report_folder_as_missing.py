"""Folders asked for as files."""

from __future__ import annotations

from tests.core.versions.v3_0.conftest import FILES, RUN


def test_a_folder_is_no_file(old, model):
    """404, which nobody repeats, to clients that do not see it; older clients get what the server says."""
    assert model
    line = f"GET {FILES}/0/{RUN}/artifacts/m"
    said = old.say(line)
    assert (said.status, said.body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert said.changes == ["report_folder_as_missing"]
    assert old.say(line, client="2.14.3").status == 500
