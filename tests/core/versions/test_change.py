"""What a change says about itself."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Answers, Call, Dialects, VersionChange, before, by_operation


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
    concerned = [
        v for v in ("1.28.0", "1.29.0", "2.0.0", "2.0.1") if change.concerns("GetRun", Dialects(None, Version.parse(v)))
    ]
    assert concerned == ["1.29.0", "2.0.0"]
    assert not change.concerns("CreateRun", Dialects(None, Version(2, 0)))
    assert VersionChange("x", frozenset({"GetRun"}), (None, None)).concerns("GetRun", Dialects(None, Version(9, 0)))


def test_a_change_for_some_clients_leaves_the_nameless_alone():
    """Whoever does not say a version is in no range; an open range takes everybody."""
    change = VersionChange("x", frozenset({"GetRun"}), (None, None), clients=(Version(2, 0), Version(2, 9)))
    server = Version(3, 0)
    clients = (None, Version(1, 30), Version(2, 0), Version(2, 9), Version(3, 1))
    admitted = [client for client in clients if change.concerns("GetRun", Dialects(client, server))]
    assert admitted == [Version(2, 0), Version(2, 9)]


def test_equals_meet_only_what_shows_an_emulation():
    """A client of the server's own version is left alone, until something was emulated on the server.

    Before that, there is nothing to reveal to anybody.
    """
    plain = VersionChange("x", frozenset({"GetRun"}), (None, None))
    showing = VersionChange("y", frozenset({"GetRun"}), (None, None), reveals=True)
    own, call = Version(2, 0), Call("GetRun", {})
    for emulated in (False, True):
        equals, others = Dialects(own, own, emulated), Dialects(Version(3, 0), own, emulated)
        assert (plain.meets(call, equals), plain.meets(call, others)) == (False, True)
        assert (showing.meets(call, equals), showing.meets(call, others)) == (emulated, emulated)


def _ask_it(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    return (yield call)


def _ask_nothing(_call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    yield from ()
    return Response(200)


def test_each_operation_has_its_own_recipe():
    """Several in one change."""
    recipe = by_operation({"GetRun": _ask_it, "DeleteRun": _ask_nothing})
    speakers = Dialects(None, Version(2, 0))
    assert next(recipe(Call("GetRun", {}), speakers)) == Call("GetRun", {})
    assert list(recipe(Call("DeleteRun", {}), speakers)) == []
