"""The guide to new releases: its Python runs, its paths and commands exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-release.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_examples_run():
    """In the order of the page, each with what those before it defined; their own assertions hold."""
    space: dict[str, Any] = {}
    for number, block in enumerate(BLOCKS):
        exec(compile(block, f"example {number}", "exec"), space)
    assert len(BLOCKS) >= 7
    assert sum(block.count("assert ") for block in BLOCKS) >= 12


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:proxy|docs|tests)/[\w/.-]+\.\w+)`", PAGE))))
def test_the_files_exist(path):
    """Each file that the page names, but for those that a reader is to write."""
    assert "vX_Y" in path or (ROOT / path).is_file()


def test_the_commands_exist():
    """Targets of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^    make ([a-z]+)", PAGE, re.MULTILINE)) <= targets
