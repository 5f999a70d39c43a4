"""Tags of registered models and of their versions of 100 000 characters; the texts of prompts are such tags.

Why: servers before 3.0 refuse more than 5000. The whole text is kept in hidden tags of the same model or version.
Lost: the server's own pages show the beginning only. A tag and its rest are written one after the other, the rest
first.
Source: ``validation.py`` of 2.22.4 and 3.1.4; observed on 1.30.1 and 2.22.4.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions.change import VersionChange, before
from proxy.core.versions.long_values import REGISTRY_TAG, keeping

_SINCE = Version(3, 0)
_applies, _keep = keeping(REGISTRY_TAG)

CHANGE = VersionChange(
    name="keep_long_registry_tags",
    operations=frozenset(
        {"CreateRegisteredModel", "CreateModelVersion", "SetRegisteredModelTag", "SetModelVersionTag"}
    ),
    servers=(None, before(_SINCE)),
    clients=(_SINCE, None),
    applies=_applies,
    recipe=_keep,
    emulates=True,
    when="a tag is longer than the server takes",
    lost="in the server's own pages, what is longer than it takes",
)
