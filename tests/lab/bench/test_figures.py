"""Ratios, percentiles and turns."""

from __future__ import annotations

import pytest

from proxy.lab.bench.figures import percentile, ratio, rotated


def test_a_ratio_is_taken_within_each_round():
    """A machine that becomes ten times slower half-way changes no ratio."""
    found = ratio([100.0, 90.0, 10.0], [50.0, 50.0, 5.0])
    assert (found.median, found.low, found.high, found.rounds) == (2.0, 1.8, 2.0, 3)
    assert str(found) == "2.00 (1.80-2.00)"


@pytest.mark.parametrize(("ours", "theirs"), [([], []), ([1.0], [1.0, 2.0])])
def test_rounds_must_match(ours, theirs):
    """Nothing to compare, or rounds without a partner, is an error and not a number."""
    with pytest.raises(ValueError):
        ratio(ours, theirs)


def test_percentiles_are_values_that_occurred():
    """No interpolation: the 99th percentile of 100 values is the 99th, of a few values the largest."""
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1.0, 50.0, 99.0, 100.0]
    assert percentile([1.0, 2.0, 3.0], 0.99) == 3.0


def test_everyone_takes_every_turn_and_neighbours_change():
    """Each round has every variant once, and nobody follows the same other one in all rounds."""
    names = ["a", "b", "c", "d"]
    rounds = [rotated(names, turn) for turn in range(4)]
    assert all(sorted(order) == names for order in rounds)
    before_c = {order[order.index("c") - 1] for order in rounds if order.index("c")}
    assert len(before_c) > 1
