"""Files that lie on a run, on the same server after its upgrade."""

from __future__ import annotations

import pytest

from tests.core.versions.v3_0.conftest import FILES, RUN


@pytest.mark.parametrize("client", ["3.17.2", "3.3.2"])
def test_a_file_is_found_on_the_run(old, model, client):
    """Under the path that was given out; what neither has is missing."""
    old.version = "3.17.2"
    path = f"{FILES}/0/models/{model}/artifacts"
    assert old.say(f"GET {path}/MLmodel", client=client).body.startswith(b"flavors")
    assert old.say(f"GET {path}/other", client=client).status == 404
    assert old.say(f"GET {FILES}/0/{RUN}/artifacts/other", client=client).status == 404


def test_the_servers_own_file_comes_first(old, model):
    """One that was written after the upgrade needs no further look."""
    old.version = "3.17.2"
    path = f"{FILES}/0/models/{model}/artifacts/MLmodel"
    old.say(f"PUT {path}", b"newer")
    old.seen.clear()
    assert (old.say(f"GET {path}").body, len(old.seen)) == (b"newer", 1)
