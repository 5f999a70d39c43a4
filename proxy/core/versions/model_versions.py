"""Where model versions stand in answers."""

from __future__ import annotations

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
