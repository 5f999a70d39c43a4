"""``/version`` where there is none."""

from __future__ import annotations


def test_the_version_of_the_server_is_told_without_asking(talk):
    """The text is the server's version, so that a client chooses what it can do."""
    played = talk("GET /version", client="3.17.2", server="1.30.1")
    assert (played.sent, played.status, played.body) == ([], 200, b"1.30.1")
    assert played.changes == ["answer_version"]


def test_servers_that_have_it_are_asked(talk):
    """From 2.1 on the server speaks for itself."""
    assert talk("GET /version", client="3.17.2", server="2.22.4").untouched
