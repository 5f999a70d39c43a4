"""Versions as values."""

from __future__ import annotations

import pytest

from proxy.core.mlflow_version import Version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.22.4", (2, 22, 4)),
        ("3.1", (3, 1, 0)),
        ("v1.0.0", (1, 0, 0)),
        (" 3.2.0rc1\n", (3, 2, 0)),
        ("3.5.0.dev0", (3, 5, 0)),
        ("1.30.1+local", (1, 30, 1)),
        ("10.0.12", (10, 0, 12)),
    ],
)
def test_versions_are_read(text, version):
    """Two or three numbers count, what follows them is dropped."""
    assert Version.parse(text) == version


@pytest.mark.parametrize("text", ["", "3", "x.y", "latest", ".1", "<html>2.0.0", "-1.2"])
def test_what_is_no_version_is_refused(text):
    """A text that does not begin with a version raises, whatever an unexpected server answers."""
    with pytest.raises(ValueError, match="not an MLflow version"):
        Version.parse(text)


def test_versions_are_compared_as_numbers():
    """2.10 is newer than 2.9, and a version reads as it is written."""
    texts = ["1.0.0", "1.30.1", "2.0.0", "2.9.2", "2.10.0", "2.10.1", "3.0.0"]
    assert [str(version) for version in sorted(map(Version.parse, reversed(texts)))] == texts
