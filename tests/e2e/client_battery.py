"""Everything a data scientist does, by a real MLflow client of any version from 1.30 on. Runs in its environment.

    battery.py PREFIX [without,these,features]  ->  {"experiments": [ids], "runs": [ids], "models": [names]}

Standard library and MLflow only; MLflow is imported by name, because this project's checks run without it.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

mlflow: Any = import_module("mlflow")
entities: Any = import_module("mlflow.entities")
client: Any = import_module("mlflow.tracking").MlflowClient()

NOW = 1_700_000_000_000
BIG = bytes(range(256)) * 20_480
"""5 MiB."""


def experiments(prefix: str) -> list[str]:
    """Created, renamed, tagged, deleted, restored."""
    plain = client.create_experiment(f"{prefix} it's an experiment")
    client.set_experiment_tag(plain, "team", "räder")
    client.set_experiment_tag(plain, "team", "rockets")
    renamed = client.create_experiment(f"{prefix}-first", tags={"made": "with a tag"})
    client.rename_experiment(renamed, f"{prefix}-second")
    gone = client.create_experiment(f"{prefix}-gone")
    client.create_run(gone, start_time=NOW)
    client.delete_experiment(gone)
    back = client.create_experiment(f"{prefix}-back")
    client.create_run(back, start_time=NOW + 1)
    client.delete_experiment(back)
    client.restore_experiment(back)
    return [plain, renamed, gone, back]


def fluent_runs(prefix: str, features: set[str]) -> list[str]:
    """A parent with a nested child, through the fluent API."""
    mlflow.set_experiment(f"{prefix} it's an experiment")
    with mlflow.start_run(run_name="parent") as parent:
        mlflow.log_params({"lr": 0.1, "path/to/param": "x" * 400})
        with mlflow.start_run(run_name="child", nested=True) as child:
            mlflow.log_metrics({"loss": 1.5, "acc": 0.25}, step=3)
            mlflow.log_dict({"nested": [1, 2, {"ü": None}]}, "config.json")
            model = import_module("mlflow.models").Model(artifact_path="model", run_id=child.info.run_id)
            if hasattr(client, "_record_logged_model"):
                client._record_logged_model(child.info.run_id, model)
        mlflow.set_tag("best", child.info.run_id)
    if "inputs" in features:
        data = entities.Dataset("data", "d1g3st", "local", json.dumps({"uri": "x.csv"}), schema="{}", profile="{}")
        client.log_inputs(parent.info.run_id, [entities.DatasetInput(data, [entities.InputTag("context", "train")])])
    found = client.search_runs([parent.info.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert [run.info.run_id for run in found] == [child.info.run_id]
    return [parent.info.run_id, child.info.run_id]


def numbers(experiment: str) -> str:
    """NaN, infinities, repeated steps, the same point twice, and a history of 500 points in one batch."""
    run = client.create_run(experiment, start_time=NOW + 2, tags={"kind": "numbers"}).info.run_id
    for step, value in enumerate((math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-308, 1.7976931348623157e308)):
        client.log_metric(run, "odd", value, timestamp=NOW + step, step=step)
    for value in (1.0, 2.0, 2.0, 3.0):
        client.log_metric(run, "again", value, timestamp=NOW, step=7)
    client.log_metric(run, "again", 0.5, timestamp=NOW + 5, step=-3)
    points = [entities.Metric("long", math.sin(i), NOW + i, i) for i in range(500)]
    client.log_batch(run, metrics=points)
    client.log_batch(
        run,
        metrics=[entities.Metric("odd", math.nan, NOW + 99, 99), entities.Metric("mixed", -math.inf, NOW, 0)],
        params=[entities.Param(f"p{i}", str(i)) for i in range(60)],
        tags=[entities.RunTag("batch", "yes"), entities.RunTag("empty", "")],
    )
    client.set_terminated(run, "FAILED", NOW + 1000)
    return str(run)


def lives(experiment: str) -> list[str]:
    """Tags that come and go, a rename, runs deleted and restored."""
    run = client.create_run(experiment, start_time=NOW + 3).info.run_id
    for key in ("kept", "overwritten", "deleted"):
        client.set_tag(run, key, "first")
    client.set_tag(run, "overwritten", "second")
    client.delete_tag(run, "deleted")
    client.set_tag(run, "mlflow.note.content", "# Überschrift\n'quoted' \"twice\" \\ 漢字 🎉")
    client.update_run(run, name="renamed")
    back = client.create_run(experiment, start_time=NOW + 4).info.run_id
    client.delete_run(back)
    client.restore_run(back)
    client.log_param(back, "after", "restored")
    client.set_terminated(back)
    gone = client.create_run(experiment, start_time=NOW + 5).info.run_id
    client.log_metric(gone, "m", 1.0, timestamp=NOW, step=0)
    client.delete_run(gone)
    return [run, back, gone]


def artifacts(run: str) -> None:
    """Folders in folders, names outside ASCII, an empty file, a large one, one overwritten."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for name, content in {
            "a/b/c/deep.txt": b"deep",
            "räder 100%.txt": "Ünïcode".encode(),
            "漢字 🎉.txt": "Ünïcode".encode(),
            "with space+plus&amp.txt": b"reserved characters",
            "empty.bin": b"",
            "big.bin": BIG,
        }.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        client.log_artifacts(run, directory, "tree")
        client.log_artifact(run, str(root / "a/b/c/deep.txt"))
    client.log_text(run, "first", "notes/overwritten.txt")
    client.log_text(run, "second and longer", "notes/overwritten.txt")


def models(prefix: str, run: str, features: set[str]) -> list[str]:
    """A model renamed between its versions, one version deleted in the middle; one model deleted and made again."""
    name = f"{prefix} model's"
    source = client.get_run(run).info.artifact_uri + "/tree/a"
    client.create_registered_model(f"{prefix}-draft", tags={"made": "with"}, description="draft")
    client.create_model_version(f"{prefix}-draft", source, run, description="one")
    client.rename_registered_model(f"{prefix}-draft", name)
    client.update_registered_model(name, "a description")
    client.set_registered_model_tag(name, "task", "x")
    client.set_registered_model_tag(name, "task", "y")
    client.set_registered_model_tag(name, "gone", "1")
    client.delete_registered_model_tag(name, "gone")
    for number in ("2", "3", "4"):
        made = client.create_model_version(name, source, run, tags={"n": number}, run_link="http://example/run")
        assert made.version == number or str(made.version) == number
    client.delete_model_version(name, "2")
    client.delete_model_version(name, "4")
    client.set_model_version_tag(name, "3", "checked", "yes")
    client.set_model_version_tag(name, "1", "gone", "1")
    client.delete_model_version_tag(name, "1", "gone")
    client.update_model_version(name, "3", "third")
    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "3", "Production", archive_existing_versions=True)
    if "aliases" in features:
        client.set_registered_model_alias(name, "champion", "1")
        client.set_registered_model_alias(name, "champion", "3")
        client.set_registered_model_alias(name, "lost", "1")
        client.delete_registered_model_alias(name, "lost")
    again = f"{prefix}-again"
    for round_ in ("first", "second"):
        client.create_registered_model(again, description=round_)
        client.create_model_version(again, source, run, description=round_)
        if round_ == "first":
            client.create_model_version(again, source)
            client.delete_registered_model(again)
    return [name, again]


def main() -> None:
    """Run it all."""
    prefix = sys.argv[1]
    features = {"aliases", "inputs"} - set(sys.argv[2].split(",") if len(sys.argv) > 2 else ())
    made = experiments(prefix)
    parent, child = fluent_runs(prefix, features)
    odd = numbers(made[1])
    runs = [parent, child, odd, *lives(made[3])]
    artifacts(parent)
    done = {"experiments": made, "runs": runs, "models": models(prefix, parent, features)}
    sys.stdout.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main()
