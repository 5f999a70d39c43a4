"""Long values kept in pieces, on a server that takes them whole by now."""

from __future__ import annotations

import pytest

from proxy.core.mlflow_version import Version
from proxy.core.versions import long_values
from proxy.core.versions.change import Dialects

TEXT = "x" * 6000
OLD = Dialects(Version(3, 17, 2), Version(1, 30, 1))


@pytest.mark.parametrize(
    ("line", "limits", "wrap"),
    [
        ("GET /api/2.0/mlflow/runs/get?run_id=a", long_values.RUN_TAG, lambda tags: {"run": {"data": {"tags": tags}}}),
        (
            "GET /api/2.0/mlflow/experiments/get?experiment_id=1",
            long_values.EXPERIMENT_TAG,
            lambda tags: {"experiment": {"tags": tags}},
        ),
        (
            "GET /api/2.0/mlflow/registered-models/get?name=m",
            long_values.REGISTRY_TAG,
            lambda tags: {"registered_model": {"tags": tags}},
        ),
    ],
)
def test_the_whole_text_is_shown(talk, line, limits, wrap):
    """To clients of the server's own version and to others; where nothing was emulated nobody looks."""
    stored, kept = long_values.fit(TEXT, limits, OLD)
    answer = wrap([{"key": "k", "value": stored}, *kept])
    for client in ("3.17.2", "3.3.2"):
        played = talk(line, client=client, server="3.17.2", answers=(answer,), emulated=True)
        assert played.body == wrap([{"key": "k", "value": TEXT}, *kept])
    assert talk(line, client="3.17.2", server="3.17.2").untouched
