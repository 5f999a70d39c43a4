"""MLflow's own refusals, for servers that cannot give them themselves because they lack the feature."""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.versions import jsontext


def refuse(code: str, message: str, status: int = 400) -> Response:
    """An error as MLflow words it."""
    return jsontext.answer({"error_code": code, "message": message}, status)


def invalid(message: str) -> Response:
    """400 INVALID_PARAMETER_VALUE."""
    return refuse("INVALID_PARAMETER_VALUE", message)


def absent(message: str) -> Response:
    """404 RESOURCE_DOES_NOT_EXIST."""
    return refuse("RESOURCE_DOES_NOT_EXIST", message, 404)
