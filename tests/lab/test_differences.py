"""What changed between two releases, apart from routes."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.lab.differences import FILES, changed_lines, compare, fields_of, main, package, whole_messages
from proxy.lab.environments import Environment, ensure_environment

BEFORE = {"A.x": "string", "A.y": "int64", "B.z": "string"}
AFTER = {"A.x": "string", "A.y": "string", "A.w[]": "C", "C.q": "bool", "C.r": "bool"}


def test_fields_that_came_went_or_changed():
    """A line each, by message."""
    assert compare(BEFORE, AFTER) == [
        "new  A.w[]  C",
        "type A.y  int64 -> string",
        "gone B.z  string",
        "new  C.q  bool",
        "new  C.r  bool",
    ]
    assert compare(BEFORE, BEFORE) == []


def test_whole_messages_are_one_line():
    """Nothing in them can be compared."""
    assert whole_messages(compare(BEFORE, AFTER), BEFORE, AFTER) == [
        "new  A.w[]  C",
        "type A.y  int64 -> string",
        "gone B  the whole message",
        "new  C  the whole message",
    ]


def test_lines_that_came_and_went_are_counted(tmp_path):
    """A file that is missing on one side counts as a whole, on both as nothing."""
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text("a\nb\n-- c\n")
    new.write_text("a\nB\n-- c\nd\n")
    assert changed_lines(old, new) == 3
    assert changed_lines(tmp_path / "none", new) == 4
    assert changed_lines(tmp_path / "none", tmp_path / "none") == 0


def test_a_folder_without_mlflow_is_an_error(tmp_path):
    """And says so."""
    with pytest.raises(Exception, match="no MLflow in"):
        package(Environment("x", tmp_path))


def test_a_wrong_version_is_an_error(capsys):
    """Exit code 1 with the reason, no traceback."""
    assert main(["nonsense", "3.17.2"]) == 1
    assert "is not an MLflow version" in capsys.readouterr().err


@pytest.mark.real
def test_real_releases_are_read():
    """1.30 brought the run's name into creates, and every file of the list exists in some release."""
    old, new = ensure_environment("1.28.0"), ensure_environment("3.17.2")
    lines = whole_messages(compare(fields_of(old), fields_of(new)), fields_of(old), fields_of(new))
    assert "new  CreateRun.run_name  string" in lines
    assert [name for name, _ in FILES if not (package(new) / Path(name)).exists()] == []
