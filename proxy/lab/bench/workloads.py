"""The requests of the benchmarks, byte for byte as MLflow's Python client sends them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_API = "/api/2.0/mlflow"
_POINTS = 100
"""Metric points in a `log-batch`; MLflow's limit is 1000, and its client's asynchronous logging sends about this."""

CLIENT_VERSION = "3.17.2"


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of request."""

    name: str
    writes: bool
    request: Callable[[str, int], bytes]
    """Run id and number of the request -> the request."""


def request(
    method: str, path: str, body: Mapping[str, Any] | None = None, *, client_version: str = CLIENT_VERSION
) -> bytes:
    """A whole request with the headers of MLflow's client (it uses ``requests``)."""
    content = b"" if body is None else json.dumps(body).encode()
    typed = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n" if body is not None else ""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: mlflow-python-client/{client_version}\r\n"
        f"Accept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n{typed}\r\n"
    )
    return head.encode() + content


def create_run(number: int) -> bytes:
    """A run in the default experiment."""
    tags = [{"key": "mlflow.user", "value": "bench"}, {"key": "mlflow.source.type", "value": "LOCAL"}]
    start = 1_700_000_000_000 + number
    return request(
        "POST",
        f"{_API}/runs/create",
        {"experiment_id": "0", "user_id": "bench", "run_name": f"bench-{number}", "start_time": start, "tags": tags},
    )


def log_metric(run: str, number: int) -> bytes:
    """One metric point."""
    return request("POST", f"{_API}/runs/log-metric", {"run_uuid": run, "run_id": run, **_point("loss", number)})


def log_batch(run: str, number: int) -> bytes:
    """A hundred metric points of ten metrics."""
    metrics = [_point(f"metric-{point % 10}", number * _POINTS + point) for point in range(_POINTS)]
    return request("POST", f"{_API}/runs/log-batch", {"run_id": run, "metrics": metrics, "params": [], "tags": []})


def get_run(run: str, _number: int) -> bytes:
    """The run with everything in it."""
    return request("GET", f"{_API}/runs/get?run_uuid={run}&run_id={run}")


WORKLOADS = (
    Workload("log-metric", writes=True, request=log_metric),
    Workload("runs/get", writes=False, request=get_run),
    Workload("log-batch of 100", writes=True, request=log_batch),
)


def _point(key: str, step: int) -> dict[str, Any]:
    return {"key": key, "value": 0.123456789 + step, "timestamp": 1_700_000_000_000 + step, "step": step}
