"""Refusals in MLflow's words."""

from __future__ import annotations

import json

import pytest

from proxy.core.versions import mlflow_errors


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [(mlflow_errors.invalid, 400, "INVALID_PARAMETER_VALUE"), (mlflow_errors.absent, 404, "RESOURCE_DOES_NOT_EXIST")],
)
def test_code_and_status_belong_together(make, status, code):
    """Clients decide by the code, retries by the status."""
    answer = make("why")
    assert answer.status == status
    assert json.loads(answer.body) == {"error_code": code, "message": "why"}
