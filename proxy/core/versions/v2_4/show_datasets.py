"""Runs are shown with the datasets that they used.

Why: on servers before 2.4 those are notes on the run (see ``run_inputs``), and stay so when
the server is upgraded.
Lost: nothing; older clients know no such inputs and see none.
Source: ``run.inputs.dataset_inputs`` in answers of 3.17.2.
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import run_inputs
from proxy.core.versions.change import Call, Dialects, VersionChange

_SINCE = Version(2, 4)


def _show(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    return run_inputs.show(answer)


CHANGE = VersionChange(
    name="show_datasets",
    operations=frozenset({"GetRun", "SearchRuns"}),
    servers=(None, None),
    clients=(_SINCE, None),
    reveals=True,
    looks_inside=False,
    response=_show,
    emulates=True,
)
