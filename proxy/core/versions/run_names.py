"""Where the name of a run sits: the tag ``mlflow.runName`` always, the field ``info.run_name`` since 1.30."""

from __future__ import annotations

from typing import Any

TAG = "mlflow.runName"


def in_tags(tags: Any) -> str | None:
    """The name in a list of ``{"key", "value"}``; None when there is none, or when it is not such a list."""
    if not isinstance(tags, list):
        return None
    for tag in tags:
        if isinstance(tag, dict) and tag.get("key") == TAG and isinstance(tag.get("value"), str):
            return str(tag["value"])
    return None


def fill(run: Any) -> bool:
    """Give ``{"info": …, "data": {"tags": …}}`` its ``info.run_name`` from the tag; True if that changed it."""
    if not isinstance(run, dict) or not isinstance(run.get("info"), dict) or run["info"].get("run_name"):
        return False
    data = run.get("data")
    name = in_tags(data.get("tags")) if isinstance(data, dict) else None
    if not name:
        return False
    run["info"]["run_name"] = name
    return True
