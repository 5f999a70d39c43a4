"""What a 1.x server has no place for, done by a real client of 2.14 or later: traces, and since 3.x more.

    home_client.py write NAME        -> {"trace": id, "dataset": id or null}
    home_client.py read TRACE DATASET -> what is there

Standard library and MLflow only; MLflow is imported by name, because this project's checks run without it.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import Any

os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"
mlflow: Any = import_module("mlflow")
NEW = not mlflow.__version__.startswith("2.")


def write(name: str) -> dict[str, Any]:
    """A run with a traced call; with 3.x also feedback on the trace, and an evaluation dataset."""
    mlflow.set_experiment(name)

    def add(x: int) -> int:
        return x + 1

    with mlflow.start_run() as run:
        assert mlflow.trace(add)(1) == 2
    experiment = run.info.experiment_id
    client = mlflow.MlflowClient()
    (trace,) = client.search_traces(experiment_ids=[experiment])
    made = trace.info.trace_id if NEW else trace.info.request_id
    client.set_trace_tag(made, "colour", "grün")
    if not NEW:
        return {"trace": made, "run": run.info.run_id, "dataset": None}
    mlflow.log_feedback(trace_id=made, name="good", value=True)
    datasets = import_module("mlflow.genai.datasets")
    dataset = datasets.create_dataset(name=f"{name} set", experiment_id=[experiment])
    dataset.merge_records([{"inputs": {"q": "a"}, "expectations": {"x": 1}}])
    return {"trace": made, "run": run.info.run_id, "dataset": dataset.dataset_id}


def read(trace_id: str, dataset_id: str) -> dict[str, Any]:
    """The same, read back."""
    trace = mlflow.MlflowClient().get_trace(trace_id)
    (span,) = trace.data.spans
    metadata = trace.info.trace_metadata if NEW else trace.info.request_metadata
    found = {
        "span": [span.name, span.inputs, span.outputs],
        "run": metadata.get("mlflow.sourceRun"),
        "colour": trace.info.tags["colour"],
    }
    if NEW:
        found["feedback"] = [[each.name, each.value] for each in trace.info.assessments]
        dataset = import_module("mlflow.genai.datasets").get_dataset(dataset_id=dataset_id)
        found["records"] = [row["inputs"] for _, row in dataset.to_df().iterrows()]
    return found


if __name__ == "__main__":
    does = write if sys.argv[1] == "write" else read
    sys.stdout.write(json.dumps(does(*sys.argv[2:])) + "\n")
