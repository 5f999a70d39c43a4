"""The generated page."""

from __future__ import annotations

import re
from pathlib import Path

from proxy.cli.compat import CLIENTS, SERVERS
from proxy.cli.compat_page import markdown
from proxy.core.versions.bundle import CHANGES

PAGE = Path(__file__).parents[2] / "docs" / "compat.md"


def test_page_is_fresh():
    """docs/compat.md says what the code says; else: python -m proxy.cli.compat_page > docs/compat.md."""
    assert PAGE.read_text(encoding="utf-8") == markdown()


def test_every_version_and_every_change_is_there():
    """A client and a server per stretch of releases, each change with why and what is lost."""
    page = markdown()
    for client in CLIENTS:
        assert f"**{client}**" in page
    for server in SERVERS:
        assert f"### Server {server}\n" in page
    for change in CHANGES:
        assert f"### `{change.name}`\n" in page


def test_it_begins_with_what_works():
    """Nobody scrolls for the answer."""
    page = markdown()
    assert page.index("## What works, what does not") < page.index("## Every client on every server")


def test_tables_are_well_formed():
    """Every row has as many cells as its head, so no text breaks a table."""
    blocks = re.findall(r"(?:^\|.*\|\n)+", markdown(), re.MULTILINE)
    assert blocks
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1, block[:200]
