"""Long tags of the model registry, as kept by ``keep_long_registry_tags``, are shown whole to every client.

Why: to the server they are a beginning, a mark, and hidden tags.
Lost: nothing.
Source: ``keep_long_registry_tags``.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions import long_values, model_versions
from proxy.core.versions.change import VersionChange, before

CHANGE = VersionChange(
    name="show_long_registry_tags",
    operations=model_versions.SHOWN_BY | {"CreateRegisteredModel"},
    servers=(None, before(Version(3, 0))),
    reveals=True,
    looks_inside=False,
    response=long_values.show,
    emulates=True,
)
