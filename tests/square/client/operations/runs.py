"""Runs and the fluent API."""

from __future__ import annotations

import inspect
from contextlib import suppress
from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import NOW, Lab, Unknown, entities, mlflow, needs, refused, same


def _views(lab: Lab, experiment: str) -> tuple[set[str], set[str], set[str]]:
    """Run ids in the views active, deleted, all."""
    kinds = (entities.ViewType.ACTIVE_ONLY, entities.ViewType.DELETED_ONLY, entities.ViewType.ALL)
    found = [{r.info.run_id for r in lab.client.search_runs([experiment], run_view_type=kind)} for kind in kinds]
    return found[0], found[1], found[2]


@operation()
def run_create_get(lab: Lab) -> None:
    """With tags and a start time."""
    made = lab.client.create_run(lab.experiment, start_time=NOW, tags={"team": "räder", "empty": ""})
    read = lab.client.get_run(made.info.run_id)
    same((read.info.run_id, read.info.experiment_id), (made.info.run_id, lab.experiment))
    same((read.info.start_time, read.info.status, read.info.lifecycle_stage), (NOW, "RUNNING", "active"))
    assert read.info.end_time in (None, 0), read.info.end_time
    same((read.data.tags["team"], read.data.tags["empty"]), ("räder", ""))
    same(read.data.params, {})
    same(read.info.artifact_uri, made.info.artifact_uri)


@operation()
def run_create_named(lab: Lab) -> None:
    """The name is in the info and in the tag."""
    if "run_name" not in inspect.signature(lab.client.create_run).parameters:
        raise Unknown("create_run of this client takes no run_name")
    made = lab.client.create_run(lab.experiment, run_name="named ü")
    read = lab.client.get_run(made.info.run_id)
    same((read.info.run_name, read.data.tags["mlflow.runName"]), ("named ü", "named ü"))
    lab.remember("run", key=made.info.run_id, tags={"mlflow.runName": "named ü"}, name="named ü")


@operation()
def run_create_name_tag(lab: Lab) -> None:
    """A name given as a tag, as old programs do."""
    run = lab.run(**{"mlflow.runName": "by tag"})
    same(lab.client.get_run(run).data.tags["mlflow.runName"], "by tag")
    lab.remember("run", key=run, tags={"mlflow.runName": "by tag"}, name="by tag")


@operation()
def run_fluent(lab: Lab) -> None:
    """Params, metrics, tags; finished at the end."""
    mlflow.set_experiment(lab.name("fluent runs"))
    with mlflow.start_run(run_name="fluent") as run:
        mlflow.log_params({"lr": 0.1, "path/to/param": "x"})
        mlflow.log_metrics({"loss": 1.5, "acc": 0.25}, step=3)
        mlflow.set_tags({"a": 1, "b": "zwei"})
    read = lab.client.get_run(run.info.run_id)
    same((read.info.status, read.data.params), ("FINISHED", {"lr": "0.1", "path/to/param": "x"}))
    same(read.data.metrics, {"loss": 1.5, "acc": 0.25})
    same((read.data.tags["a"], read.data.tags["b"], read.data.tags["mlflow.runName"]), ("1", "zwei", "fluent"))
    assert read.info.end_time >= read.info.start_time > 0
    lab.remember(
        "run",
        key=run.info.run_id,
        params=read.data.params,
        metrics=read.data.metrics,
        status="FINISHED",
        tags={"b": "zwei"},
        name="fluent",
    )


@operation()
def run_nested(lab: Lab) -> None:
    """A child finds its parent, the parent's children are found by the tag."""
    mlflow.set_experiment(lab.name("nested"))
    with mlflow.start_run(run_name="parent") as parent, mlflow.start_run(run_name="child", nested=True) as child:
        pass
    same(lab.client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"], parent.info.run_id)
    found = lab.client.search_runs([parent.info.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    same([run.info.run_id for run in found], [child.info.run_id])
    if hasattr(lab.client, "get_parent_run"):
        same(lab.client.get_parent_run(child.info.run_id).info.run_id, parent.info.run_id)
    lab.remember("run", key=child.info.run_id, tags={"mlflow.parentRunId": parent.info.run_id}, name="child")


@operation()
def run_exception_fails(lab: Lab) -> None:
    """A run whose program raises is FAILED."""
    mlflow.set_experiment(lab.name("exceptions"))
    run = mlflow.start_run()
    with suppress(ZeroDivisionError), run:
        mlflow.log_metric("m", 1 // 0)
    same(lab.client.get_run(run.info.run_id).info.status, "FAILED")


@operation()
def run_resume(lab: Lab) -> None:
    """A finished run is continued and finished again."""
    mlflow.set_experiment(lab.name("resumed"))
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 1)
    with mlflow.start_run(run_id=run.info.run_id):
        same(lab.client.get_run(run.info.run_id).info.status, "RUNNING")
        mlflow.log_metric("m", 2)
    read = lab.client.get_run(run.info.run_id)
    same((read.info.status, read.data.metrics), ("FINISHED", {"m": 2.0}))


@operation()
def run_update(lab: Lab) -> None:
    """A new name leaves the status alone and the other way round."""
    update = needs(lab.client, "update_run")
    run = lab.run()
    lab.client.set_terminated(run, "FINISHED", NOW + 1000)
    update(run, name="renamed")
    read = lab.client.get_run(run)
    same((read.info.run_name, read.info.status, read.info.end_time), ("renamed", "FINISHED", NOW + 1000))
    same(read.data.tags["mlflow.runName"], "renamed")
    update(run, status="FAILED")
    read = lab.client.get_run(run)
    same((read.info.run_name, read.info.status), ("renamed", "FAILED"))
    lab.remember("run", key=run, tags={"mlflow.runName": "renamed"}, status="FAILED", name="renamed")


@operation()
def run_terminate(lab: Lab) -> None:
    """Each status, with the given end time."""
    for status in ("FINISHED", "FAILED", "KILLED"):
        run = lab.run()
        lab.client.set_terminated(run, status, NOW + 5)
        info = lab.client.get_run(run).info
        same((info.status, info.end_time, info.start_time), (status, NOW + 5, NOW))
        lab.remember("run", key=run, status=status, end_time=NOW + 5)


@operation()
def run_delete_restore(lab: Lab) -> None:
    """In the right views before, between and after."""
    experiment = lab.client.create_experiment(lab.name("run views"))
    kept, gone = lab.run(experiment), lab.run(experiment)
    lab.client.delete_run(gone)
    same(_views(lab, experiment), ({kept}, {gone}, {kept, gone}))
    same(lab.client.get_run(gone).info.lifecycle_stage, "deleted")
    refused(lambda: lab.client.log_metric(gone, "m", 1), "INVALID_PARAMETER_VALUE", "INVALID_STATE")
    lab.client.restore_run(gone)
    same(_views(lab, experiment), ({kept, gone}, set(), {kept, gone}))
    lab.client.log_metric(gone, "m", 1)


@operation()
def run_missing_error(lab: Lab) -> None:
    """Reads and writes of a run that does not exist."""
    missing = "0123456789abcdef0123456789abcdef"
    refused(lambda: lab.client.get_run(missing), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: lab.client.log_metric(missing, "m", 1), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: lab.client.log_param(missing, "p", 1), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: lab.client.set_tag(missing, "t", 1), "RESOURCE_DOES_NOT_EXIST")


@operation()
def run_name_by_tag(lab: Lab) -> None:
    """Setting the tag renames the run."""
    run = lab.run()
    lab.client.set_tag(run, "mlflow.runName", "by tag later")
    read = lab.client.get_run(run)
    same(read.data.tags["mlflow.runName"], "by tag later")
    if hasattr(read.info, "run_name") and hasattr(lab.client, "update_run"):
        same(read.info.run_name, "by tag later")


@operation()
def run_last_active(lab: Lab) -> None:
    """The last run of this session, as the server has it."""
    last = needs(mlflow, "last_active_run")
    mlflow.set_experiment(lab.name("last"))
    with mlflow.start_run() as run:
        mlflow.log_param("p", "1")
    found: Any = last()
    same((found.info.run_id, found.info.status, found.data.params), (run.info.run_id, "FINISHED", {"p": "1"}))


@operation()
def run_note(lab: Lab) -> None:
    """The description of a run."""
    text = "# Überschrift\n'quoted' \"twice\" \\ 漢字 🎉"
    run = lab.run(**{"mlflow.note.content": text})
    same(lab.client.get_run(run).data.tags["mlflow.note.content"], text)
    lab.remember("run", key=run, tags={"mlflow.note.content": text})
