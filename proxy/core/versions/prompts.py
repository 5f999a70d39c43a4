"""Prompts are registered models with a tag; servers before 2.21 do not know that and would list them as models."""

from __future__ import annotations

from typing import Any

TAG = "mlflow.prompt.is_prompt"


def is_prompt(entity: Any) -> bool:
    """Whether a registered model or model version in an answer is a prompt."""
    tags = entity.get("tags") if isinstance(entity, dict) else None
    return isinstance(tags, list) and any(
        isinstance(tag, dict) and tag.get("key") == TAG and str(tag.get("value")).lower() == "true" for tag in tags
    )
