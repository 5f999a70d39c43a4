"""Values out of a Prometheus text."""

import pytest

from proxy.lab.demo.figures import by_label, total

TEXT = """\
# HELP lag_seconds Age.
# TYPE lag_seconds gauge
lag_seconds 0.0
# TYPE answers_total counter
answers_total{code="200",operation="a} b"} 3.0
answers_total{code="200",operation="c"} 4.0
answers_total{code="404",operation="c"} 1e+01
# TYPE divergences_total counter
# TYPE answers_totally gauge
answers_totally 99.0
"""


@pytest.mark.parametrize(
    ("name", "value"),
    [("lag_seconds", 0.0), ("answers_total", 17.0), ("divergences_total", 0.0), ("no_such_total", None)],
)
def test_total(name: str, value: float | None):
    """Values are summed over labels; a declared metric without values is 0 and an unknown one is nothing."""
    assert total(TEXT, name) == value


def test_by_label():
    """Values are summed by one label; an unknown metric has none."""
    assert by_label(TEXT, "answers_total", "code") == {"200": 7.0, "404": 10.0}
    assert by_label(TEXT, "no_such_total", "code") == {}
