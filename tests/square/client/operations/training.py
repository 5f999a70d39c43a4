"""Whole training programs: evaluation and autologging, where the libraries are installed."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, Unknown, mlflow, module, same
from tests.square.client.operations.models import load


def _sklearn() -> Any:
    try:
        import_module("sklearn")
    except ImportError as error:
        raise Unknown(str(error)) from error
    return module("mlflow.sklearn")


def _data() -> tuple[Any, Any]:
    numpy = import_module("numpy")
    x = numpy.arange(40.0).reshape(20, 2)
    return x, (x[:, 0] > 20).astype(int)


@operation(120)
def sklearn_log_load(lab: Lab) -> None:
    """A scikit-learn model, logged and loaded by its flavour and as a pyfunc."""
    flavour = _sklearn()
    x, y = _data()
    fitted = import_module("sklearn.linear_model").LogisticRegression().fit(x, y)
    mlflow.set_experiment(lab.name("sklearn"))
    with mlflow.start_run() as run:
        lab.needs_artifacts(run.info.artifact_uri)
        flavour.log_model(fitted, "model", pip_requirements=["scikit-learn"])
    uri = f"runs:/{run.info.run_id}/model"
    same(list(flavour.load_model(uri).predict(x)), list(fitted.predict(x)))
    same(list(load(lab, uri).predict(x)), list(fitted.predict(x)))


@operation(120)
def sklearn_autolog(lab: Lab) -> None:
    """A training program that only turns autologging on."""
    flavour = _sklearn()
    x, y = _data()
    mlflow.set_experiment(lab.name("autolog"))
    flavour.autolog(silent=True, max_tuning_runs=2)
    try:
        with mlflow.start_run() as run:
            fitted = import_module("sklearn.linear_model").LogisticRegression(C=0.5).fit(x, y)
            fitted.score(x, y)
    finally:
        flavour.autolog(disable=True)
    read = lab.client.get_run(run.info.run_id)
    same((read.info.status, read.data.params.get("C")), ("FINISHED", "0.5"))
    assert {"training_score", "training_accuracy_score"} & set(read.data.metrics), read.data.metrics
    lab.needs_artifacts(run.info.artifact_uri)
    same(list(load(lab, f"runs:/{run.info.run_id}/model").predict(x)), list(fitted.predict(x)))
    files = {entry.path for entry in lab.client.list_artifacts(run.info.run_id)}
    assert "estimator.html" in files, files
    lab.remember("run", key=run.info.run_id, params=read.data.params, metrics=read.data.metrics, status="FINISHED")
    lab.remember("model file", run=run.info.run_id, path="model/MLmodel", text="sklearn")


@operation(180)
def sklearn_autolog_search(lab: Lab) -> None:
    """A grid search makes a child run per candidate."""
    flavour = _sklearn()
    x, y = _data()
    mlflow.set_experiment(lab.name("grid"))
    flavour.autolog(silent=True, max_tuning_runs=3)
    selection = import_module("sklearn.model_selection")
    try:
        with mlflow.start_run() as run:
            model = import_module("sklearn.linear_model").LogisticRegression()
            selection.GridSearchCV(model, {"C": [0.1, 1.0, 10.0]}, cv=2).fit(x, y)
    finally:
        flavour.autolog(disable=True)
    children = lab.client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    same(sorted(child.data.params["C"] for child in children), ["0.1", "1.0", "10.0"])
    read = lab.client.get_run(run.info.run_id)
    assert "best_C" in read.data.params, read.data.params
    assert "best_cv_score" in read.data.metrics, read.data.metrics


@operation(180)
def evaluate_model(lab: Lab) -> None:
    """``mlflow.evaluate`` of a table of predictions."""
    evaluate = getattr(mlflow, "evaluate", None)
    if evaluate is None:
        raise Unknown("this client has no evaluate")
    _sklearn()
    pandas = module("pandas")
    frame = pandas.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 3.0, 5.0], "p": [1.0, 2.0, 3.0, 4.0]})
    mlflow.set_experiment(lab.name("evaluate"))
    try:
        with mlflow.start_run() as run:
            evaluate(
                data=frame,
                targets="y",
                predictions="p",
                model_type="regressor",
                evaluator_config={"log_model_explainability": False},
            )
    except TypeError as error:
        if lab.version < (2, 4):  # wants a model
            raise Unknown(str(error)) from error
        raise
    metrics = lab.client.get_run(run.info.run_id).data.metrics
    same(metrics.get("mean_absolute_error"), 0.25)


@operation(120)
def command_line(lab: Lab) -> None:
    """The client's own command lists runs."""
    run = lab.run()
    command = [str(Path(sys.executable).parent / "mlflow"), "runs", "list", "--experiment-id", lab.experiment]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run in done.stdout, (done.stdout[-500:], done.stderr[-500:])
