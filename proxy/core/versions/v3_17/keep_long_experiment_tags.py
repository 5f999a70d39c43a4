"""Tags of experiments of 20 000 characters.

Why: servers before 3.17 refuse more than 5000. The whole text is kept in hidden tags of the experiment.
Lost: the server's own pages show the beginning only. A tag and its rest are written one after the other, the rest
first.
Source: ``validation.py`` of 3.10.1 and 3.17.2; observed on 1.30.1 and 2.22.4.
"""

from __future__ import annotations

from proxy.core.mlflow_version import Version
from proxy.core.versions.change import VersionChange, before
from proxy.core.versions.long_values import EXPERIMENT_TAG, keeping

_SINCE = Version(3, 17)
_applies, _keep = keeping(EXPERIMENT_TAG)

CHANGE = VersionChange(
    name="keep_long_experiment_tags",
    operations=frozenset({"CreateExperiment", "SetExperimentTag"}),
    servers=(None, before(_SINCE)),
    clients=(_SINCE, None),
    applies=_applies,
    recipe=_keep,
    emulates=True,
    when="a tag is longer than the server takes",
    lost="in the server's own pages, what is longer than it takes",
)
