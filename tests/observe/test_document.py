"""The generated page."""

from pathlib import Path

from proxy.observe.catalogue import METRICS
from proxy.observe.document import ALERTS, markdown

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_page_is_fresh():
    """docs/metrics.md says what the table says; else: python -m proxy.observe.document > docs/metrics.md."""
    assert PAGE.read_text(encoding="utf-8") == markdown()


def test_alerts_speak_of_metrics_that_exist():
    """Each expression names a metric of the table."""
    for expression, _ in ALERTS:
        assert any(spec.name in expression for spec in METRICS), expression
