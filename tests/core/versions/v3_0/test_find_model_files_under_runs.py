"""Bytes of logged models for older clients."""

from __future__ import annotations

import pytest

from tests.core.versions.v3_0.conftest import FILES, RUN


@pytest.mark.parametrize("client", ["1.30.1", "2.22.4"])
def test_a_file_of_a_model(new, client):
    """Found by the model's name; what the run itself has comes first."""
    line = f"GET {FILES}/0/{RUN}/artifacts/m/MLmodel"
    said = new.say(line, client=client)
    assert (said.status, said.body) == (200, b"new")
    assert "find_model_files_under_runs" in said.changes
    new.files[f"0/{RUN}/artifacts/m/MLmodel"] = b"old"
    assert new.say(line, client=client).body == b"old"


@pytest.mark.parametrize("path", ["x/MLmodel", "it's/MLmodel"])
def test_a_file_that_is_nowhere(new, path):
    """The server's answer stands."""
    assert new.say(f"GET {FILES}/0/{RUN}/artifacts/{path}", client="2.22.4").status in {404, 500}
