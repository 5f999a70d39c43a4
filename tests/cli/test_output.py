"""Printing."""

import pytest

from proxy.cli.output import at, clean, duration, facts, say, size, table


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0.42, "0.4 s"), (75, "1 min 15 s"), (3599.6, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_durations_are_for_people(seconds: float | None, text: str):
    """No one counts 7500 seconds."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (2048, "2.0 KiB"), (5 * 1024**2, "5.0 MiB"), (2**40, "1024.0 GiB")]
)
def test_sizes_are_for_people(count: float, text: str):
    """Binary units, as disks report them."""
    assert size(count) == text


def test_times_are_utc():
    """Whatever the machine's zone."""
    assert at(0) == "1970-01-01 00:00:00Z"
    assert at(None) == "-"


def test_control_characters_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]):
    """A run name from the journal may hold anything."""
    say("a\x1b[2Jb")
    table("t", ("c",), [("\x1b]0;owned\x07",)])
    facts([("k", "\x9b31m")])
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert clean("é\n") == "é\n"


def test_markup_is_text(capsys: pytest.CaptureFixture[str]):
    """Square brackets are shown, not interpreted."""
    table("t", ("c",), [("[red]x[/red] :smile:",)])
    assert "[red]x[/red] :smile:" in capsys.readouterr().out


def test_an_empty_table_is_nothing(capsys: pytest.CaptureFixture[str]):
    """No frame around nothing."""
    table("t", ("c",), [])
    assert capsys.readouterr().out == ""
