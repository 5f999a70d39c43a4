"""The tombstone of an experiment's tag."""

from __future__ import annotations

from proxy.core.hidden_tags import mentioned
from proxy.core.messages import Request
from proxy.core.versions.experiment_tags import TOMBSTONE


def test_a_tombstone_marks_its_server():
    """Writing one must be noticed like any hidden tag, so that answers are looked at from then on."""
    assert mentioned(Request("POST", "/x", body=TOMBSTONE.encode()))
