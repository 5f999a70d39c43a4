"""The values that travel."""

from __future__ import annotations

import dataclasses

import pytest

from proxy.core.messages import Request, Response, Side, header


def test_each_side_is_across_from_the_other():
    """There are two sides and each is the other's other."""
    assert Side.BLUE.other is Side.GREEN
    assert Side.GREEN.other is Side.BLUE


@pytest.mark.parametrize(("query", "target"), [("", "/a%20b"), ("x=%2F", "/a%20b?x=%2F")])
def test_the_target_is_path_and_query_as_they_stood(query, target):
    """Nothing is decoded or encoded, and there is a question mark only before a query."""
    assert Request("GET", "/a%20b", query).target == target


@pytest.mark.parametrize(
    ("status", "fine"), [(199, False), (200, True), (204, True), (299, True), (302, False), (500, False)]
)
def test_two_hundreds_are_fine(status, fine):
    """Every 2xx is a success and nothing else is."""
    assert Response(status).ok is fine


def test_the_first_header_of_a_name_counts():
    """Names are compared whatever their case; a missing one is None, an empty one is not."""
    headers = (("X-A", "1"), ("x-a", "2"), ("X-Empty", ""))
    assert header(headers, "x-A") == "1"
    assert header(headers, "x-empty") == ""
    assert header(headers, "x-b") is None


def test_messages_do_not_change():
    """A message can be handed around without anyone changing it."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Request("GET", "/").path = "/x"  # type: ignore[misc]  # the point of the test
