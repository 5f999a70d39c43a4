"""Docstrings of changes, cut into their parts."""

from __future__ import annotations

from proxy.core.versions.bundle import CHANGES
from proxy.core.versions.change import VersionChange
from proxy.core.versions.changelog import Entry, entry, parse


def test_a_docstring_is_cut_into_its_parts():
    """Each part goes on until the next; lines are joined."""
    text = "A thing\nmoved.\n\nWhy: old servers\nlack it. Lost: not here.\nLost: nothing.\nSource: observed.\n"
    assert parse(text) == Entry("A thing moved.", "old servers lack it. Lost: not here.", "nothing.", "observed.")


def test_missing_parts_are_empty():
    """A docstring of another form is no error."""
    assert parse("Something.") == Entry("Something.", "", "", "")


def test_every_change_has_an_entry():
    """The page of changes shows them all with their reasons."""
    for change in CHANGES:
        found = entry(change)
        assert found.headline, change.name
        assert found.why, change.name
        assert found.lost, change.name


def test_a_change_without_a_module_has_an_empty_entry():
    """Nothing is shown rather than something of another change."""
    assert entry(VersionChange("nowhere", frozenset({"GetRun"}), (None, None))) == Entry("", "", "", "")
