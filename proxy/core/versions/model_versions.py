"""Where model versions stand in answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from proxy.core.versions import answers, notes

SHOWN_BY = frozenset(
    {
        "CreateModelVersion",
        "GetLatestVersions",
        "GetModelVersion",
        "GetModelVersionByAlias",
        "GetRegisteredModel",
        "ListRegisteredModels",
        "RenameRegisteredModel",
        "SearchModelVersions",
        "SearchRegisteredModels",
        "TransitionModelVersionStage",
        "UpdateModelVersion",
        "UpdateRegisteredModel",
    }
)
"""The operations whose answers hold some, be it as the latest ones of a registered model."""


def noted(document: Any, note: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every model version in an answer, at any depth, that has a note of this name; and its text."""
    if isinstance(document, list):
        for each in document:
            yield from noted(each, note)
    elif isinstance(document, dict):
        for each in document.values():
            yield from noted(each, note)
        text = notes.read(answers.tags_of(document), note) if "source" in document else None
        if text is not None:
            yield document, text
