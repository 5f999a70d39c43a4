"""Logged models, which 3.0 introduced."""

from __future__ import annotations

from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import NOW, Lab, entities, mlflow, needs, refused, same
from tests.square.client.operations.models import load, log_model, portable


def _create(lab: Lab, **more: Any) -> Any:
    create = needs(lab.client, "create_logged_model")
    experiment = more.pop("experiment_id", None) or lab.client.create_experiment(lab.name("logged models"))
    return create(experiment, **more)


@operation(60)
def logged_model_by_log_model(lab: Lab) -> None:
    """``log_model`` makes one: ready, with its run, found by its id, loaded by ``models:/m-…``."""
    needs(lab.client, "create_logged_model")
    mlflow.set_experiment(lab.name("log model"))
    with mlflow.start_run() as run:
        info = log_model(lab, name="model", params={"alpha": "0.5"}, tags={"a": "ü"}, **portable(lab))
    found = lab.client.get_logged_model(info.model_id)
    same((found.name, found.source_run_id, str(found.status)), ("model", run.info.run_id, "READY"))
    same((found.params.get("alpha"), found.tags.get("a")), ("0.5", "ü"))
    assert found.artifact_location, found
    outputs = lab.client.get_run(run.info.run_id).outputs.model_outputs
    same([(each.model_id, each.step) for each in outputs], [(info.model_id, 0)])
    for uri in (f"models:/{info.model_id}", info.model_uri, f"runs:/{run.info.run_id}/model"):
        same(load(lab, uri).predict([1]), [3])
    same(mlflow.last_logged_model().model_id, info.model_id)
    lab.remember("loadable", uri=f"runs:/{run.info.run_id}/model", given=[1], expected=[3])
    lab.remember(
        "logged model",
        key=info.model_id,
        name="model",
        run=run.info.run_id,
        params={"alpha": "0.5"},
        tags={"a": "ü"},
        status="READY",
    )
    lab.remember("loadable", uri=f"models:/{info.model_id}", given=[1], expected=[3], logged_model=True)


@operation()
def logged_model_create_finalize(lab: Lab) -> None:
    """By hand: pending, then ready; one that failed."""
    run = lab.run()
    made = _create(
        lab,
        experiment_id=lab.experiment,
        name="by-hand",
        source_run_id=run,
        tags={"t": "1"},
        params={"p": "x" * 300},
        model_type="agent",
    )
    same((made.name, str(made.status), made.model_type), ("by-hand", "PENDING", "agent"))
    ready = lab.client.finalize_logged_model(made.model_id, "READY")
    same(str(ready.status), "READY")
    read = lab.client.get_logged_model(made.model_id)
    same((str(read.status), read.params, read.tags, read.source_run_id), ("READY", {"p": "x" * 300}, {"t": "1"}, run))
    same((read.experiment_id, read.model_type), (lab.experiment, "agent"))
    assert read.last_updated_timestamp >= read.creation_timestamp > NOW, read
    failed = _create(lab, name="failed")
    lab.client.finalize_logged_model(failed.model_id, "FAILED")
    same(str(lab.client.get_logged_model(failed.model_id).status), "FAILED")
    lab.remember(
        "logged model",
        key=made.model_id,
        name="by-hand",
        run=run,
        params={"p": "x" * 300},
        tags={"t": "1"},
        status="READY",
    )


@operation()
def logged_model_without_run(lab: Lab) -> None:
    """One that no run made, with files of its own."""
    made = _create(lab, name="external")
    same(made.source_run_id or None, None)
    lab.client.finalize_logged_model(made.model_id, "READY")
    if hasattr(lab.client, "log_model_artifact"):
        path = lab.folder / "weights.bin"
        path.write_bytes(b"weights")
        lab.client.log_model_artifact(made.model_id, str(path))
        same([each.path for each in lab.client.list_logged_model_artifacts(made.model_id)], ["weights.bin"])
    experiment = made.experiment_id
    same(list(lab.client.search_runs([experiment], run_view_type=entities.ViewType.ALL)), [], "runs of the experiment")


@operation()
def logged_model_tags(lab: Lab) -> None:
    """Set, overwritten, deleted."""
    made = _create(lab, name="tagged")
    lab.client.set_logged_model_tags(made.model_id, {"a": "1", "b": "2"})
    lab.client.set_logged_model_tags(made.model_id, {"a": "3 漢字"})
    lab.client.delete_logged_model_tag(made.model_id, "b")
    same(lab.client.get_logged_model(made.model_id).tags, {"a": "3 漢字"})


@operation()
def logged_model_params(lab: Lab) -> None:
    """Many params, some long, added after creation."""
    made = _create(lab, name="params", params={f"p{i}": "v" * 200 for i in range(120)})
    needs(lab.client, "log_model_params")(made.model_id, {"late": "ü"})
    params = lab.client.get_logged_model(made.model_id).params
    same(params, {**{f"p{i}": "v" * 200 for i in range(120)}, "late": "ü"})


@operation()
def logged_model_delete(lab: Lab) -> None:
    """Gone for reads by id and for searches; a missing one is an error."""
    made = _create(lab, name="doomed")
    lab.client.delete_logged_model(made.model_id)
    refused(lambda: lab.client.get_logged_model(made.model_id), "RESOURCE_DOES_NOT_EXIST")
    same(list(lab.client.search_logged_models([made.experiment_id])), [])
    refused(lambda: lab.client.get_logged_model("m-" + "0" * 32), "RESOURCE_DOES_NOT_EXIST")


@operation()
def logged_model_metrics(lab: Lab) -> None:
    """A metric of a model, with and without a dataset, shown by the model and by the run."""
    run = lab.run()
    made = _create(lab, experiment_id=lab.experiment, name="measured", source_run_id=run)
    lab.client.log_metric(run, "acc", 0.5, timestamp=NOW, step=1, model_id=made.model_id)
    lab.client.log_metric(
        run, "acc", 0.75, timestamp=NOW + 1, step=2, model_id=made.model_id, dataset_name="d", dataset_digest="abc"
    )
    metrics = lab.client.get_logged_model(made.model_id).metrics or []
    shown = [(m.key, m.value, m.step, m.dataset_name) for m in metrics]
    assert ("acc", 0.75, 2, "d") in shown, shown
    same(lab.client.get_run(run).data.metrics, {"acc": 0.75})


@operation()
def logged_model_search(lab: Lab) -> None:
    """By name, run, params, tags; in order; in pages."""
    experiment = lab.client.create_experiment(lab.name("models searched"))
    run = lab.run(experiment)
    made = {}
    for letter in "abc":
        made[letter] = _create(
            lab,
            experiment_id=experiment,
            name=f"model-{letter}",
            source_run_id=run,
            tags={"letter": letter},
            params={"number": letter * 2},
        ).model_id
        lab.client.finalize_logged_model(made[letter], "READY")
    letters = {key: letter for letter, key in made.items()}

    def found(filter_string: str | None = None, **more: Any) -> str:
        models = lab.client.search_logged_models([experiment], filter_string=filter_string, **more)
        return "".join(letters[each.model_id] for each in models)

    same("".join(sorted(found())), "abc")
    same(found("name = 'model-b'"), "b", "name")
    same("".join(sorted(found(f"source_run_id = '{run}'"))), "abc", "run")
    same("".join(sorted(found("name LIKE 'model-%'"))), "abc", "LIKE")
    same("".join(sorted(found("name != 'model-b'"))), "ac", "!=")
    same(found("tags.letter = 'c'"), "c", "tag")
    same(found("params.number = 'aa'"), "a", "param")
    same(found(order_by=[{"field_name": "creation_timestamp", "ascending": True}]), "abc", "order")
    page = lab.client.search_logged_models([experiment], max_results=2)
    rest = lab.client.search_logged_models([experiment], max_results=2, page_token=page.token)
    same(sorted(letters[each.model_id] for each in [*page, *rest]), ["a", "b", "c"], "pages")
    frame = mlflow.search_logged_models([experiment])
    same(len(frame), 3, "frame")


@operation()
def logged_model_search_metrics(lab: Lab) -> None:
    """By the value of a metric."""
    experiment = lab.client.create_experiment(lab.name("models measured"))
    run = lab.run(experiment)
    made = [_create(lab, experiment_id=experiment, name=f"m{n}", source_run_id=run) for n in range(3)]
    for number, model in enumerate(made):
        lab.client.log_metric(run, "acc", number / 2, timestamp=NOW, step=0, model_id=model.model_id)
    found = lab.client.search_logged_models([experiment], filter_string="metrics.acc > 0.7")
    same([each.model_id for each in found], [made[2].model_id])
    found = lab.client.search_logged_models([experiment], order_by=[{"field_name": "metrics.acc", "ascending": False}])
    same([each.model_id for each in found], [model.model_id for model in made[::-1]])


@operation()
def logged_model_outputs(lab: Lab) -> None:
    """Outputs and inputs of a run."""
    log = needs(lab.client, "log_outputs")
    run = lab.run()
    made = _create(lab, experiment_id=lab.experiment, name="output", source_run_id=run)
    log(run, [entities.LoggedModelOutput(made.model_id, step=7)])
    outputs = lab.client.get_run(run).outputs.model_outputs
    same([(each.model_id, each.step) for each in outputs], [(made.model_id, 7)])
    other = lab.run()
    lab.client.log_inputs(other, models=[entities.LoggedModelInput(made.model_id)])
    same([each.model_id for each in lab.client.get_run(other).inputs.model_inputs], [made.model_id])


@operation(60)
def logged_model_register(lab: Lab) -> None:
    """Registered by ``models:/m-…``: the version knows its model, and the model its versions."""
    needs(lab.client, "create_logged_model")
    name = lab.name("registered logged model").replace("'", "")
    mlflow.set_experiment(lab.name("register logged model"))
    with mlflow.start_run() as run:
        info = log_model(lab, name="model", **portable(lab))
    made = mlflow.register_model(f"models:/{info.model_id}", name)
    read = lab.client.get_model_version(name, str(made.version))
    same((read.source, read.run_id), (f"models:/{info.model_id}", run.info.run_id))
    same(load(lab, f"models:/{name}/1").predict([2]), [6])
    versions = lab.client.get_logged_model(info.model_id).tags.get("mlflow.modelVersions", "")
    assert name in versions, versions
    lab.remember("loadable", uri=f"models:/{name}/1", given=[2], expected=[6])
