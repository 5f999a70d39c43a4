"""What a change says about itself."""

from __future__ import annotations

import pytest

from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Answers, VersionChange, before


@pytest.mark.parametrize(
    ("answers", "statuses"),
    [(Answers.SUCCESS, {200, 204}), (Answers.ERRORS, {302, 404, 500}), (Answers.ALL, {200, 204, 302, 404, 500})],
)
def test_answers_are_chosen_by_status(answers, statuses):
    """Successes are the 2xx, errors all the rest."""
    assert {status for status in (200, 204, 302, 404, 500) if answers.include(status)} == statuses


@pytest.mark.parametrize(
    ("version", "inside", "outside"),
    [("2.5.0", "2.4.2", "2.5.0"), ("3.0.0", "2.22.4", "3.0.0"), ("2.14.3", "2.14.2", "2.14.3")],
)
def test_before_is_the_last_version_that_is_older(version, inside, outside):
    """A range that ends there holds every older release and not the version itself."""
    end = before(Version.parse(version))
    assert Version.parse(inside) <= end < Version.parse(outside)


def test_a_change_concerns_its_operations_on_its_servers():
    """Both ends of the range are inclusive, None is open."""
    change = VersionChange("x", frozenset({"GetRun"}), (Version(1, 29), Version(2, 0)))
    concerned = [v for v in ("1.28.0", "1.29.0", "2.0.0", "2.0.1") if change.concerns("GetRun", Version.parse(v))]
    assert concerned == ["1.29.0", "2.0.0"]
    assert not change.concerns("CreateRun", Version(2, 0))
    assert VersionChange("x", frozenset({"GetRun"}), (None, None)).concerns("GetRun", Version(9, 0))
