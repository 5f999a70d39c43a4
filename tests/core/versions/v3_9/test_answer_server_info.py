"""``server-info`` where there is none."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("prefix", ["api", "ajax-api"])
def test_no_capability_is_promised(talk, prefix):
    """Clients then take the plain ways: no workspaces, no multipart, no presigned uploads."""
    played = talk(f"GET /{prefix}/3.0/mlflow/server-info", client="3.17.2", server="2.22.4")
    assert (played.sent, played.status) == ([], 200)
    assert not any(played.body.values())
    assert {"store_type", "workspaces_enabled", "multipart_uploads_enabled"} <= played.body.keys()


def test_servers_that_have_it_are_asked(talk):
    """They know better."""
    assert talk("GET /api/3.0/mlflow/server-info", client="3.14.0", server="3.17.2").untouched
