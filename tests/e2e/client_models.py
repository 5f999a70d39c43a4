"""Log a model with a 3.x client (``log PREFIX``), or load one with any client (``load PREFIX RUN MODEL_ID``)."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

mlflow: Any = import_module("mlflow")
pandas: Any = import_module("pandas")
client: Any = import_module("mlflow.tracking").MlflowClient()

CODE = """
class Model:
    def predict(self, context, *rest, **more):
        return [value * 3 for value in context["a"]]


def _load_pyfunc(path):
    return Model()
"""
action, prefix = sys.argv[1:3]


def predicted(uri: str) -> list[int]:
    return [int(value) for value in mlflow.pyfunc.load_model(uri).predict(pandas.DataFrame({"a": [1, 2]}))]


if action == "log":
    Path("tripling.py").write_text(CODE)
    Path("weights.bin").write_bytes(bytes(2_000_000))
    mlflow.set_experiment(prefix)
    files = {"loader_module": "tripling", "data_path": "weights.bin", "code_paths": ["tripling.py"]}
    with mlflow.start_run() as run:
        info = mlflow.pyfunc.log_model(name="m", registered_model_name=prefix, pip_requirements=["mlflow"], **files)
        mlflow.log_metric("acc", 0.5, model_id=info.model_id)
    client.set_logged_model_tags(info.model_id, {"stage": "x"})
    alone = mlflow.pyfunc.log_model(name="alone", pip_requirements=["mlflow"], **files)
    made = {"run": run.info.run_id, "model": info.model_id, "alone": alone.model_id}
    sys.stdout.write(json.dumps(made) + "\n")
else:
    run_id, model_id, alone_id = sys.argv[3:6]
    read = {
        "runs": predicted(f"runs:/{run_id}/m"),
        "registered": predicted(f"models:/{prefix}/1"),
        "files": sorted(file.path for file in client.list_artifacts(run_id, "m")),
        "hidden": [key for key in client.get_run(run_id).data.tags if "tightrope" in key],
    }
    if mlflow.__version__.startswith("3"):
        model = client.get_logged_model(model_id)
        version = client.get_model_version(prefix, "1")
        read |= {
            "id": predicted(f"models:/{model_id}"),
            "alone": predicted(f"models:/{alone_id}"),
            "model": [model.name, str(model.status), model.source_run_id, model.tags["stage"]],
            "metrics": [(metric.key, metric.value) for metric in model.metrics or []],
            "place": model.artifact_location,
            "source": version.source,
            "outputs": [output.model_id for output in client.get_run(run_id).outputs.model_outputs],
            "found": [each.model_id for each in client.search_logged_models([model.experiment_id], "name = 'm'")],
        }
    sys.stdout.write(json.dumps(read) + "\n")
