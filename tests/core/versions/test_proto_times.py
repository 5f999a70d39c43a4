"""Protobuf's times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions import proto_times


@given(st.integers(-(10**12), 10**14))
def test_milliseconds_survive_being_written(value):
    """What is written is read back, for moments and for lengths, on either side of zero."""
    assert proto_times.timestamp_ms(proto_times.timestamp(value)) == value
    assert proto_times.duration_ms(proto_times.duration(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-24T20:45:20.564Z", 1795553120564),
        ("2026-11-24T20:45:20Z", 1795553120000),
        ("2026-11-24T20:45:20.564098873Z", 1795553120564),
        ("2026-11-24T21:45:20.5+01:00", 1795553120500),
        ("2026-02-31T00:00:00Z", None),
        ("yesterday", None),
        (7, None),
    ],
)
def test_timestamps_of_every_length_are_read(text, value):
    """From no to nine decimals, with an offset; what is finer than a millisecond is cut off."""
    assert proto_times.timestamp_ms(text) == value


@pytest.mark.parametrize(("text", "value"), [("0.011s", 11), ("3s", 3000), ("-1.5s", -1500), ("3", None), (None, None)])
def test_durations_are_read(text, value):
    """Seconds with decimals; anything else is none."""
    assert proto_times.duration_ms(text) == value


def test_times_are_written_as_servers_write_them():
    """Three decimals or none."""
    assert proto_times.timestamp(1795553120564) == "2026-11-24T20:45:20.564Z"
    assert proto_times.timestamp(1795553120000) == "2026-11-24T20:45:20Z"
    assert (proto_times.duration(11), proto_times.duration(3000)) == ("0.011s", "3s")


def test_times_out_of_the_calendar_are_cut_to_it():
    """A server may hold any number."""
    assert proto_times.timestamp(10**18) == "9999-12-31T23:59:59.999Z"
    assert proto_times.timestamp(-(10**18)) == "0001-01-01T00:00:00Z"
