"""The client programs of the demo: source text, because they run with MLflow clients and we never import MLflow.

None of them knows more than `MLFLOW_TRACKING_URI`. The last line each one prints is JSON for us.
"""

from __future__ import annotations

EXPERIMENT = "tightrope_demo"

PARAMS = {"learning_rate": "0.01", "optimizer": "adam"}
ACCURACY = (0.61, 0.72, 0.8, 0.86, 0.9)
ARTIFACT = "model_config.txt"
ARTIFACT_BYTES = b"model_type: RandomForest\nn_estimators: 100\n"
PROGRESS = "progress"

TRAINING = f"""\
import mlflow

mlflow.set_experiment("{EXPERIMENT}")
with mlflow.start_run() as run:
    mlflow.log_param("learning_rate", {PARAMS["learning_rate"]})
    mlflow.log_param("optimizer", "{PARAMS["optimizer"]}")
    for step, accuracy in enumerate({list(ACCURACY)}):
        mlflow.log_metric("accuracy", accuracy, step=step)
    with open("{ARTIFACT}", "w") as file:
        file.write("model_type: RandomForest\\nn_estimators: 100\\n")
    mlflow.log_artifact("{ARTIFACT}")
"""
"""What any training script does; shown to the reader as it is."""

TRAIN = f"""{TRAINING}
import json
print()
print(json.dumps({{"run_id": run.info.run_id, "mlflow": mlflow.__version__}}))
"""
"""The same, and tells which run it was: `{"run_id": "0f3c…", "mlflow": "1.30.1"}`."""

KEEP_LOGGING = f"""\
import json, os, sys, time
import mlflow

stop, limit_s = sys.argv[1], float(sys.argv[2])
mlflow.set_experiment("{EXPERIMENT}")
longest_s, points = 0.0, 0
with mlflow.start_run() as run:
    end = time.monotonic() + limit_s
    while time.monotonic() < end and not os.path.exists(stop):
        began = time.monotonic()
        mlflow.log_metric("{PROGRESS}", points * 0.5, step=points)
        longest_s = max(longest_s, time.monotonic() - began)
        points += 1
        print("acknowledged", points, flush=True)
        time.sleep(0.02)
print()
print(json.dumps({{"run_id": run.info.run_id, "acknowledged": points, "longest_s": longest_s}}))
"""
"""Logs one metric point after the other until the file named by its first argument exists, or for so many seconds.

Any failing call ends it with an error, so its end tells whether there was one.
"""

READ_BACK = f"""\
import base64, json, sys
import mlflow
from mlflow.tracking import MlflowClient

client, run_id = MlflowClient(), sys.argv[1]
run = client.get_run(run_id)
try:
    from mlflow.artifacts import download_artifacts
except ImportError:
    path = client.download_artifacts(run_id, "{ARTIFACT}")
else:
    path = download_artifacts(run_id=run_id, artifact_path="{ARTIFACT}")
with open(path, "rb") as file:
    artifact = base64.b64encode(file.read()).decode()
points = [[point.step, point.value] for point in client.get_metric_history(run_id, "accuracy")]
print()
print(json.dumps({{
    "run_id": run.info.run_id,
    "experiment": client.get_experiment(run.info.experiment_id).name,
    "params": run.data.params,
    "accuracy": sorted(points),
    "artifact": artifact,
}}))
"""
"""Reads a run by its id, as an old notebook would."""
