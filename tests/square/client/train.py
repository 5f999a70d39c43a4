"""A training program that only turns autologging on; prints what was logged: ``train.py EXPERIMENT``.

The last line of stdout is JSON: ``{"parent": {"params": …, "metrics": …, "tags": …, "files": …}, "children": […]}``,
without what differs from one run of the program to the next.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

mlflow: Any = import_module("mlflow")
client: Any = import_module("mlflow.tracking").MlflowClient()
sklearn: Any = import_module("mlflow.sklearn")
numpy: Any = import_module("numpy")
selection: Any = import_module("sklearn.model_selection")
environment: Any = import_module("mlflow.utils.environment")
linear: Any = import_module("sklearn.linear_model")

_OWN = ("mlflow.user", "mlflow.source.", "mlflow.runName", "mlflow.parentRunId", "mlflow.log-model.history")
"""Tags of the program and of the single run; clients from 3.0 on keep their models elsewhere."""


def files(run: str, folder: str | None = None) -> list[str]:
    """The paths of all files, as a listing by run shows them."""
    found: list[str] = []
    for entry in client.list_artifacts(run, folder):
        found += files(run, entry.path) if entry.is_dir else [entry.path]
    return sorted(found)


def told(run: Any) -> dict[str, Any]:
    """What was logged to one run."""
    tags = {key: value for key, value in run.data.tags.items() if not key.startswith(_OWN)}
    outputs = getattr(run, "outputs", None)
    inputs = getattr(run, "inputs", None)
    return {
        "status": run.info.status,
        "params": run.data.params,
        "metrics": {key: round(value, 3) for key, value in run.data.metrics.items() if "time" not in key},
        "times": sorted(key for key in run.data.metrics if "time" in key),
        "tags": tags,
        "files": files(run.info.run_id),
        "models": len(outputs.model_outputs) if outputs else 0,
        "datasets": sorted(each.dataset.digest for each in inputs.dataset_inputs) if inputs else [],
    }


def main() -> None:
    """Fit twice: a model, and a search for the best one."""
    # The packages a model needs are inferred by loading it in a process of its own, which is slow and beside the point.
    environment.infer_pip_requirements = lambda *_, **__: ["scikit-learn"]
    mlflow.set_experiment(sys.argv[1])
    sklearn.autolog(silent=False, max_tuning_runs=3)
    x = numpy.arange(80.0).reshape(40, 2)
    y = (x[:, 0] > 40).astype(int)
    with mlflow.start_run() as simple:
        fitted = linear.LogisticRegression(C=0.5).fit(x, y)
        fitted.score(x, y)
    with mlflow.start_run() as parent:
        selection.GridSearchCV(linear.LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(x, y)
    same = import_module("mlflow.pyfunc").load_model(f"runs:/{simple.info.run_id}/model").predict(x)
    assert list(same) == list(fitted.predict(x))
    children = client.search_runs([parent.info.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    answer = {
        "simple": told(client.get_run(simple.info.run_id)),
        "parent": told(client.get_run(parent.info.run_id)),
        "children": sorted((told(child) for child in children), key=lambda child: child["params"]["C"]),
    }
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
