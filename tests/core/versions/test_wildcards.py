"""LIKE."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions.wildcards import like


@given(st.text("ab%_"), st.text("ab%_", max_size=8))
def test_it_agrees_with_a_regular_expression(text, pattern):
    """Any text, any pattern."""
    expression = "".join({"%": ".*", "_": "."}.get(mark, re.escape(mark)) for mark in pattern)
    assert like(text, pattern) is (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_a_hostile_pattern_is_judged_at_once():
    """Where backtracking would take for ever."""
    assert not like("a" * 5000, "%a" * 50 + "b")


@pytest.mark.parametrize(
    ("text", "pattern", "fits"), [("outer", "out%", True), ("Outer", "out%", False), ("", "%", True)]
)
def test_letters_are_compared_as_they_are(text, pattern, fits):
    """Case matters, and nothing at all fits a lone %."""
    assert like(text, pattern) is fits


@pytest.mark.parametrize(("text", "pattern"), [("Outer", "out%"), ("outer", "OUT__")])
def test_case_can_be_ignored(text, pattern):
    """As ILIKE does."""
    assert like(text, pattern, ignore_case=True)
