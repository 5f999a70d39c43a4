"""Model versions in answers."""

from __future__ import annotations

from proxy.core.versions import model_versions, notes


def test_noted_versions_are_found_at_any_depth():
    """Those with the note, and no tag holder that is no version."""
    one, other = {"source": "a", "tags": notes.write("n", "x")}, {"source": "b", "tags": []}
    document = {
        "registered_models": [{"tags": notes.write("n", "no"), "latest_versions": [other, one]}],
        "model_version": {"source": "c", "tags": notes.write("n", "y")},
    }
    assert list(model_versions.noted(document, "n")) == [(one, "x"), (document["model_version"], "y")]
    assert list(model_versions.noted(None, "n")) == []
