"""What changes look for in an answer, read once and checked: a part that has not the expected form is not there.

A proxy in between, a plugin or a bug may answer anything, so nothing that was parsed is taken for what it should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy.core.json_sites import as_map, maps_in
from proxy.core.messages import Response
from proxy.core.versions import jsontext, notes


def success(answer: Response) -> dict[str, Any] | None:
    """The object that a successful answer carries; None for an error, and for a page or a list."""
    return jsontext.read_answer(answer) if answer.ok else None


def found(answer: Response, field: str) -> dict[str, Any] | None:
    """The object in one field of a successful answer: the ``run`` of ``runs/get``."""
    value = (success(answer) or {}).get(field)
    return value if isinstance(value, dict) else None


def each(content: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """The objects of a kind in an answer: what stands under ``run``, and in the list ``runs``."""
    return [*maps_in([content.get(kind)]), *maps_in(content.get(f"{kind}s"))]


def files(content: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The entries of a listing of artifacts, each with a text for a ``path``."""
    return [file for file in maps_in((content or {}).get("files")) if isinstance(file.get("path"), str)]


def tags_of(entity: Any) -> dict[str, str]:
    """The tags of a registered model, a model version, an experiment or a trace of version 2, by key."""
    return notes.as_map(as_map(entity).get("tags"))
