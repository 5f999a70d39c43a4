"""Addresses of artifacts that go through the tracking server: ``mlflow-artifacts:/3/RUN/artifacts/model``."""

from __future__ import annotations

ROOT = "mlflow-artifacts:/"


def path_in(uri: object) -> str | None:
    """The artifact path that an address leads to; None when it leads past the server, or to another one."""
    if not isinstance(uri, str) or not uri.startswith(ROOT) or uri.startswith(f"{ROOT}/"):
        return None
    return uri.removeprefix(ROOT).strip("/")
