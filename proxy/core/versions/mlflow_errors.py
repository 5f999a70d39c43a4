"""MLflow's own refusals, for servers that cannot give them themselves because they lack the feature."""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.versions import jsontext


def invalid(message: str) -> Response:
    """400 INVALID_PARAMETER_VALUE."""
    return jsontext.answer({"error_code": "INVALID_PARAMETER_VALUE", "message": message}, status=400)


def absent(message: str) -> Response:
    """404 RESOURCE_DOES_NOT_EXIST."""
    return jsontext.answer({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": message}, status=404)
