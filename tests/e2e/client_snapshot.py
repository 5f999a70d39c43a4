"""All that a client can read of what `client_battery.py` made. Runs in the client's environment.

    snapshot.py '{"experiments": [ids], "runs": [ids], "models": [names]}'  ->  {"run 3f2…": {…}, …}

Left out: times of creation and last update of experiments, models and versions, which each server stamps itself.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

client: Any = import_module("mlflow.tracking").MlflowClient()
ALL = import_module("mlflow.entities").ViewType.ALL


def experiment(key: str) -> dict[str, Any]:
    """Its fields, and the runs that a search in it finds."""
    one = client.get_experiment(key)
    assert client.get_experiment_by_name(one.name).experiment_id == key
    runs = client.search_runs([key], run_view_type=ALL, order_by=["attributes.start_time"])
    return {
        "name": one.name,
        "stage": one.lifecycle_stage,
        "location": one.artifact_location,
        "tags": one.tags,
        "runs": sorted(run.info.run_id for run in runs),
        "experiments of runs": sorted({run.info.experiment_id for run in runs}),
    }


def run(key: str) -> dict[str, Any]:
    """Its fields, histories and files."""
    one = client.get_run(key)
    info = {name: getattr(one.info, name) for name in ("run_id", "experiment_id", "user_id", "status", "artifact_uri")}
    info |= {name: getattr(one.info, name, None) for name in ("start_time", "end_time", "lifecycle_stage", "run_name")}
    tags = dict(one.data.tags)
    if "mlflow.log-model.history" in tags:  # servers format its JSON differently
        entries = json.loads(tags["mlflow.log-model.history"])
        tags["mlflow.log-model.history"] = [(entry["run_id"], entry["artifact_path"]) for entry in entries]
    history = {
        name: sorted([str(point.value), point.timestamp, point.step] for point in client.get_metric_history(key, name))
        for name in sorted(one.data.metrics)
    }
    metrics = {name: str(value) for name, value in one.data.metrics.items()}
    return {
        **info,
        "params": one.data.params,
        "tags": tags,
        "metrics": metrics,
        "history": history,
        "files": files(key),
    }


def files(key: str, folder: str = "") -> dict[str, str]:
    """Path to hash, every file downloaded on its own, but those that blue's 1.30 and 2.22 themselves cannot send.

    They answer 500 where a file's name has letters outside latin-1, because they put it into a header as it is.
    """
    found: dict[str, str] = {}
    for entry in client.list_artifacts(key, folder):
        if entry.is_dir:
            found |= files(key, entry.path)
        elif any(ord(letter) > 255 for letter in entry.path):
            found[entry.path] = str(entry.file_size)
        else:
            with tempfile.TemporaryDirectory() as directory:
                content = Path(client.download_artifacts(key, entry.path, directory)).read_bytes()
            found[entry.path] = f"{entry.file_size} {len(content)} {hashlib.sha256(content).hexdigest()[:12]}"
    return found


def model(name: str) -> dict[str, Any]:
    """Its fields, versions, latest versions and aliases."""
    one = client.get_registered_model(name)
    versions = client.search_model_versions("name='{}'".format(name.replace("'", "''"))) if "'" not in name else []
    numbers = sorted({str(each.version) for each in versions} | {str(each.version) for each in one.latest_versions})
    return {
        "description": one.description,
        "tags": one.tags,
        "latest": sorted((each.current_stage, str(each.version)) for each in one.latest_versions),
        "versions": {number: version(name, number) for number in numbers},
        "aliases": {alias: str(number) for alias, number in getattr(one, "aliases", {}).items()},
    }


def version(name: str, number: str) -> dict[str, Any]:
    """Its fields."""
    one = client.get_model_version(name, number)
    fields = ("source", "run_id", "run_link", "current_stage", "status", "description", "tags")
    uri = client.get_model_version_download_uri(name, number)
    return {**{field: getattr(one, field) for field in fields}, "uri": uri}


def main() -> None:
    """Print the snapshot."""
    made = json.loads(sys.argv[1])
    found = {f"experiment {key}": experiment(key) for key in made["experiments"]}
    found |= {f"run {key}": run(key) for key in made["runs"]}
    found |= {f"model {name}": model(name) for name in made["models"]}
    sys.stdout.write(json.dumps(found, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
