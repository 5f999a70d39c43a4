"""Runs are shown with the logged models that they used.

Why: on servers before 3.0 those are notes on the run (see ``run_inputs``), and stay so when
the server is upgraded.
Lost: nothing; older clients know no such inputs and see none.
Source: ``run.inputs.model_inputs`` in answers of 3.17.2.
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import run_inputs
from proxy.core.versions.change import Call, Dialects, VersionChange

_SINCE = Version(3, 0)


def _show(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    return run_inputs.show(answer, run_inputs.MODEL, "model_inputs")


CHANGE = VersionChange(
    name="show_model_inputs",
    operations=frozenset({"GetRun", "SearchRuns"}),
    servers=(None, None),
    clients=(_SINCE, None),
    every_client=True,
    reveals=True,
    looks_inside=False,
    response=_show,
    emulates=True,
)
