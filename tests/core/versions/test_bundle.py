"""The ordered list of changes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from proxy.core import versions
from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.mlflow_version import Version
from proxy.core.versions.bundle import CHANGES, BundleError, validated
from proxy.core.versions.change import VersionChange


def _change(
    name: str = "x",
    operations: Sequence[str] = ("GetRun",),
    servers: tuple[Version | None, Version | None] = (None, None),
    **parts: Any,
) -> VersionChange:
    if not parts:
        parts = {"request": lambda call, _: call}
    return VersionChange(name, frozenset(operations), servers, **parts)


def _modules() -> list[Path]:
    root = Path(versions.__file__).parent
    return sorted(path for path in root.glob("v*_*/*.py") if path.name != "__init__.py")


def test_every_change_module_stands_in_the_bundle_under_its_own_name():
    """A change that is written and not listed would be dead code; name and module agree."""
    listed = {change.name for change in CHANGES}
    assert {path.stem for path in _modules()} == listed


def test_every_change_says_why_and_from_where():
    """The docstring of a change is its changelog entry."""
    for path in _modules():
        module = sys.modules[f"proxy.core.versions.{path.parent.name}.{path.stem}"]
        text = module.__doc__ or ""
        assert "Why:" in text, path.name
        assert "Lost:" in text, path.name
        assert "Source:" in text, path.name


def test_what_is_lost_is_said_in_both_places():
    """The changelog entry and the table agree on whether anything is."""
    for change in CHANGES:
        (module,) = (path for path in _modules() if path.stem == change.name)
        text = sys.modules[f"proxy.core.versions.{module.parent.name}.{module.stem}"].__doc__ or ""
        said = text.partition("Lost:")[2].strip()
        assert said.startswith("nothing") is not bool(change.lost), change.name


def test_the_bundle_is_valid():
    """The shipped list passes its own validation."""
    assert validated(CHANGES, CATALOGUE.keys()) == CHANGES


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ((_change("a"), _change("a")), "a: the name is used twice"),
        ((_change(operations=["NoSuchThing"]),), r"x: unknown operations \['NoSuchThing'\]"),
        ((_change(operations=[]),), "x: it concerns no operation"),
        ((_change(looks_inside=True),), "x: it does nothing"),
        ((_change(recipe=lambda *_: iter(()), response=lambda a, *_: a),), "x: a recipe does the whole work"),
        ((_change(request=lambda c, _: c, applies=lambda *_: True),), "x: its condition has no words"),
        ((_change(detour=lambda *_: iter(())),), "x: a detour is for streamed operations"),
        (
            (_change(operations=["UploadArtifact"], detour_if_missing=lambda *_: iter(())),),
            "x: a body that was sent cannot be sent again",
        ),
        ((_change(servers=(Version(3, 0), Version(2, 0))),), "x: no server is between 3.0.0 and 2.0.0"),
    ],
)
def test_a_broken_bundle_is_an_error_at_start_up(changes, problem):
    """Mistakes in the list are found before the first request."""
    with pytest.raises(BundleError, match=problem):
        validated(changes, CATALOGUE.keys())


def test_all_problems_are_listed_at_once():
    """Nobody has to fix them one start at a time."""
    with pytest.raises(BundleError, match="concerns no operation; y: unknown"):
        validated((_change("x", operations=[]), _change("y", operations=["Nope"])), CATALOGUE.keys())
