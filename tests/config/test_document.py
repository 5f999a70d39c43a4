"""The generated page."""

from pathlib import Path

from proxy.config.document import markdown

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_page_is_fresh():
    """docs/configuration.md says what the code says; else: python -m proxy.config.document > docs/configuration.md."""
    assert PAGE.read_text(encoding="utf-8") == markdown()


def test_every_section_and_a_nested_key_are_there():
    """The page covers the tree down to its leaves."""
    page = markdown()
    for heading in (
        "listen",
        "admin",
        "blue",
        "blue.tls",
        "green",
        "state",
        "phase",
        "journal",
        "cutover",
        "limits",
        "log",
    ):
        assert f"\n## {heading}\n" in page
    assert "| `ca_file` | none |" in page
    assert "| `url` | required |" in page
