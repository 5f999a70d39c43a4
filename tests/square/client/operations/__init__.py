"""The operations, a module per area; ``load`` enters them all into the book."""

from __future__ import annotations

from importlib import import_module

AREAS = (
    "experiments",
    "runs",
    "run_searches",
    "metrics",
    "params_and_tags",
    "artifacts",
    "inputs",
    "registry",
    "versions",
    "models",
    "logged_models",
    "traces",
    "assessments",
    "prompts",
    "genai",
    "training",
)


def load() -> None:
    """Import every area, in the order of the report."""
    for area in AREAS:
        import_module(f"{__name__}.{area}")
