"""The matrix shows what worked, what failed as declared, and every problem."""

from __future__ import annotations

from tests.square.expected import Setting
from tests.square.report import as_json, as_markdown, cell
from tests.square.runs import Result


def test_matrix_and_problems():
    """A row per client, a column per server, readings below, problems in full."""
    fine = Result(Setting("1.30.1", "3.17.2"), {"a": {"outcome": "ok"}, "b": {"outcome": "unknown"}})
    read = Result(
        Setting("1.30.1", "3.17.2", "proxy", "3.17.2"), {"read run 1": {"outcome": "failed", "message": "boom"}}
    )
    cells = [cell(fine), cell(read)]
    text = as_markdown(cells)
    assert "| 1.30.1 | 1 / 0 / 1<br>read 0 **1** |" in text
    assert "read run 1: boom" in text
    assert [each["writer"] for each in as_json(cells)] == [None, "3.17.2"]


def test_parked_writes_are_problems():
    """Of a pair of servers, nothing may be left behind."""
    done = cell(Result(Setting("1.30.1", "1.30.1", "pair"), {}), ["LogMetric: rejected: no"])
    assert done.problems == ("parked: LogMetric: rejected: no",)
    assert "**1**" in done.line
