"""How long to wait before delivering again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.backoff import SERVER_ERRORS_BEFORE_PARKING, delay_s


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (7, 30.0), (10**6, 30.0)])
def test_the_pause_doubles_up_to_its_longest(attempt, seconds):
    """From the first failure on each pause is twice the one before, until the longest is reached."""
    assert delay_s(attempt, 0.5, 30.0) == seconds


@given(st.integers(1, 10**9), st.floats(0.001, 10), st.floats(10, 3600))
def test_the_pause_is_never_out_of_bounds(attempt, initial_s, max_s):
    """Whatever the number of attempts, the pause is between the shortest and the longest, and never shrinks."""
    assert initial_s <= delay_s(attempt, initial_s, max_s) <= delay_s(attempt + 1, initial_s, max_s) <= max_s


def test_a_failing_server_gets_a_few_tries():
    """With the default pauses the tries before parking outlast a restart of the server."""
    assert sum(delay_s(attempt, 0.5, 30.0) for attempt in range(1, SERVER_ERRORS_BEFORE_PARKING)) > 60
