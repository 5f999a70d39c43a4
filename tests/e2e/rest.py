"""MLflow's REST API by hand, for what must not depend on a client library."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

API = "/api/2.0/mlflow"


def call(url: str, path: str, body: object = None, *, method: str = "POST") -> Any:
    """One call below ``/api/2.0/mlflow/``; returns the parsed answer.

    Raises:
        urllib.error.HTTPError: the answer is no success.
        OSError: there was no answer.
    """
    data = None if body is None else json.dumps(body).encode()
    return json.loads(send(f"{url}{API}/{path}", method, data, {"Content-Type": "application/json"})[1])


def send(url: str, method: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Any request; returns status and body.

    Raises: as ``call``.
    """
    request = urllib.request.Request(url, method=method, data=body, headers=headers or {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return int(answer.status), answer.read()


def answered(url: str, method: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    """As ``send``, with the headers (lower case) and for every status."""
    request = urllib.request.Request(url, method=method, data=body, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status), {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def create_run(url: str, experiment: str = "0", start_time: int = 1) -> str:
    """A run; returns its id."""
    body = {"experiment_id": experiment, "start_time": start_time, "user_id": "e2e"}
    return str(call(url, "runs/create", body)["run"]["info"]["run_id"])
