"""How the demo speaks."""

from io import StringIO

import pytest
from rich.console import Console

from proxy.lab.demo.show import CheckFailedError, Show


@pytest.fixture
def output() -> StringIO:
    """What was printed."""
    return StringIO()


@pytest.fixture
def show(output: StringIO) -> Show:
    """Speaks to something that is no terminal."""
    return Show(Console(file=output, markup=False, highlight=False, emoji=False))


def test_check_that_holds(show: Show, output: StringIO):
    """A check that holds is ticked off and counted."""
    show.step("first")
    show.step("second")
    show.check("water is wet", True, expected="", got="")
    assert show.checks == 1
    assert "0. first" in output.getvalue()
    assert "1. second" in output.getvalue()
    assert output.getvalue().splitlines()[-1].endswith(" water is wet")


def test_check_that_does_not_hold(show: Show, output: StringIO):
    """A check that does not hold is an error, and leaves no tick."""
    with pytest.raises(CheckFailedError, match="water is dry"):
        show.check("water is dry", False, expected="dry", got="wet", look="in the sea")
    assert show.checks == 0
    assert output.getvalue() == ""


def test_failure_tells_everything(show: Show, output: StringIO):
    """The report of a failure names the check, what was expected, what was found, and every place to look."""
    show.failed(CheckFailedError("water is dry", expected="dry", got="wet\nvery", look="in the sea"), ["/a.log"])
    lines = [line.strip() for line in output.getvalue().splitlines() if line.strip()]
    assert lines == [
        "FAILED: water is dry",
        "expected:      dry",
        "got:           wet",
        "very",
        "where to look: in the sea",
        "/a.log",
    ]


def test_table_off_a_terminal(show: Show, output: StringIO):
    """Elsewhere than on a terminal a table is one plain line per row."""
    show.table(("id", "params"), [("a", "2 equal"), ("b", "1 DIFFERENT")])
    assert output.getvalue().splitlines() == ["   id: a, params: 2 equal", "   id: b, params: 1 DIFFERENT"]
