"""Objects that blue held before Tightrope came."""

from __future__ import annotations

from tests.e2e.rest import call, create_run, send

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"


def make_old_objects(blue: str) -> dict[str, str]:
    """Two experiments with runs, and a model with a deleted version; returns ids by name."""
    old = {name: str(call(blue, "experiments/create", {"name": name})["experiment_id"]) for name in ("old 1", "old 2")}
    for name in ("old 1", "old 2"):
        run = old[f"run of {name}"] = create_run(blue, old[name], 1_600_000_000_000)
        for step in range(3):
            point = {"run_id": run, "key": "loss", "value": 1 / (step + 1), "timestamp": 10 + step, "step": step}
            call(blue, "runs/log-metric", point)
        call(blue, "runs/log-parameter", {"run_id": run, "key": "p", "value": name})
        call(blue, "runs/set-tag", {"run_id": run, "key": "parent", "value": old["run of old 1"]})
        send(f"{blue}{ARTIFACTS}/{old[name]}/{run}/artifacts/deep/file.txt", "PUT", name.encode())
    call(blue, "registered-models/create", {"name": "old model", "description": "old"})
    source = {"source": f"mlflow-artifacts:/{old['old 1']}/{old['run of old 1']}/artifacts/deep"}
    for number in ("1", "2", "3"):
        call(blue, "model-versions/create", {"name": "old model", "run_id": old["run of old 1"], **source})
        if number == "2":
            call(blue, "model-versions/delete", {"name": "old model", "version": "2"}, method="DELETE")
    move = {"name": "old model", "version": "1", "stage": "Production", "archive_existing_versions": False}
    call(blue, "model-versions/transition-stage", move)
    return old


def touch_old_objects(proxy: str, old: dict[str, str]) -> None:
    """A write to each, the younger experiment first; with it the whole object comes over to the other side."""
    for name in ("old 2", "old 1"):
        run = old[f"run of {name}"]
        call(proxy, "runs/set-tag", {"run_id": run, "key": "touched", "value": "yes"})
    source = {"source": f"mlflow-artifacts:/{old['old 1']}/{old['run of old 1']}/artifacts/deep"}
    call(proxy, "model-versions/create", {"name": "old model", "run_id": old["run of old 1"], **source})
