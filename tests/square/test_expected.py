"""The table of declared failures is exact: versions, modes, words."""

from __future__ import annotations

from tests.square import expected as table
from tests.square.expected import Declared, Setting, expected
from tests.square.runs import Result

OLD = Declared(("rename", "read run"), "needs an MLflow server >= 3", servers=("1.0.0", "2.9.99"), modes=("proxy",))


def result(monkeypatch, setting: Setting, **operations: tuple[str, str]) -> Result:
    """A result with these outcomes and messages, judged by a table of one declaration."""
    monkeypatch.setattr(table, "TABLE", (OLD,))
    outcomes = {name: {"outcome": outcome, "message": message} for name, (outcome, message) in operations.items()}
    return Result(setting, outcomes)


def test_versions_are_compared_as_numbers(monkeypatch):
    """2.10 is newer than 2.9.99, and both bounds are included."""
    monkeypatch.setattr(table, "TABLE", (OLD,))
    assert expected("rename", Setting("3.17.2", "2.9.2")) is OLD
    assert expected("rename", Setting("3.17.2", "2.10.0")) is None
    assert expected("rename", Setting("3.17.2", "2.9.2", "direct")) is None
    assert expected("other", Setting("3.17.2", "2.9.2")) is None


def test_readings_go_by_their_kind(monkeypatch):
    """The number of a fact does not matter."""
    monkeypatch.setattr(table, "TABLE", (OLD,))
    assert expected("read run 17", Setting("3.17.2", "2.9.2")) is OLD


def test_a_declared_failure_with_its_words_is_none(monkeypatch):
    """It counts as declared."""
    done = result(monkeypatch, Setting("3.17.2", "1.30.1"), rename=("failed", "X needs an MLflow server >= 3.0"))
    assert (done.problems, done.declared) == ([], 1)


def test_everything_else_is_a_problem(monkeypatch):
    """Undeclared failures, other words, and declared failures that no longer happen."""
    old = Setting("3.17.2", "1.30.1")
    assert result(monkeypatch, old, other=("failed", "boom")).problems == ["other: boom"]
    assert "should say" in result(monkeypatch, old, rename=("failed", "boom")).problems[0]
    assert "works, although" in result(monkeypatch, old, rename=("ok", "")).problems[0]
    assert result(monkeypatch, old, rename=("unknown", ""), other=("ok", "")).problems == []
