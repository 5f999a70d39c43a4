"""Ready-made write intents."""

from __future__ import annotations

from proxy.core.messages import Request, Side
from proxy.core.records import Intent


def intent(
    lane: str = "run:r1", *, operation: str = "LogMetric", after: tuple[str, ...] = (), fence: bool = False
) -> Intent:
    """A small write, as a client of the blue side sent it."""
    headers = (("Content-Type", "application/json"), ("User-Agent", "mlflow-python-client/2.22.4"))
    request = Request("POST", "/api/2.0/mlflow/runs/log-metric", "a=%20b", headers, b'{"key": "loss", "value": 1}')
    return Intent(operation, Side.BLUE, lane, after, fence, request, "req-1")
