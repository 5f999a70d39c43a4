"""Versions of registered models."""

from __future__ import annotations

from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, Unknown, mlflow, needs, refused, same, takes


def _model(lab: Lab, what: str, versions: int = 0) -> str:
    name = lab.name(what)
    lab.client.create_registered_model(name)
    for number in range(versions):
        lab.client.create_model_version(name, f"s3://bucket/{number + 1}")
    return name


@operation()
def version_create_get(lab: Lab) -> None:
    """With its run, tags, description, link."""
    name, run = _model(lab, "versions"), lab.run()
    source = f"{lab.client.get_run(run).info.artifact_uri}/model"
    link = "http://example.com/räder"
    made = lab.client.create_model_version(name, source, run, tags={"a": "ü"}, run_link=link, description="eins")
    for read in (made, lab.client.get_model_version(name, "1")):
        same((str(read.version), read.name, read.source, read.run_id), ("1", name, source, run))
        same((read.description, read.tags, read.status, read.run_link), ("eins", {"a": "ü"}, "READY", link))
    same(str(lab.client.create_model_version(name, source, run).version), "2")
    lab.remember("model", name=name, description="", tags={}, versions={"1": "None", "2": "None"})
    lab.remember("version", name=name, version="1", source=source, run=run, description="eins", tags={"a": "ü"})


@operation()
def version_update(lab: Lab) -> None:
    """Description and tags; deleted; a number is never used twice."""
    name = _model(lab, "version update", 2)
    lab.client.update_model_version(name, "1", "later")
    lab.client.set_model_version_tag(name, "1", "kept", "x" * 4000)
    lab.client.set_model_version_tag(name, "1", "gone", "1")
    lab.client.delete_model_version_tag(name, "1", "gone")
    read = lab.client.get_model_version(name, "1")
    same((read.description, read.tags), ("later", {"kept": "x" * 4000}))
    lab.client.delete_model_version(name, "2")
    refused(lambda: lab.client.get_model_version(name, "2"), "RESOURCE_DOES_NOT_EXIST")
    same(str(lab.client.create_model_version(name, "s3://bucket/3").version), "3")
    lab.remember("model", name=name, description="", tags={}, versions={"1": "None", "3": "None"})


@operation()
def version_stages(lab: Lab) -> None:
    """Moved through the stages; archiving what was there."""
    name = _model(lab, "stages", 3)
    lab.client.transition_model_version_stage(name, "1", "Staging")
    lab.client.transition_model_version_stage(name, "2", "Production")
    lab.client.transition_model_version_stage(name, "3", "Production", archive_existing_versions=True)
    stages = {n: lab.client.get_model_version(name, n).current_stage for n in "123"}
    same(stages, {"1": "Staging", "2": "Archived", "3": "Production"})
    latest = {v.current_stage: str(v.version) for v in lab.client.get_registered_model(name).latest_versions}
    same(latest, {"Staging": "1", "Archived": "2", "Production": "3"})
    bad = refused(lambda: lab.client.transition_model_version_stage(name, "1", "Nonsense"), "INVALID_PARAMETER_VALUE")
    assert "Nonsense" in str(bad), bad
    lab.remember("model", name=name, description="", tags={}, versions=stages)


@operation()
def version_latest(lab: Lab) -> None:
    """The latest versions, of all stages and of some."""
    name = _model(lab, "latest", 4)
    lab.client.transition_model_version_stage(name, "1", "Production")
    lab.client.transition_model_version_stage(name, "2", "Staging")

    def latest(stages: list[str] | None) -> dict[str, str]:
        return {v.current_stage: str(v.version) for v in lab.client.get_latest_versions(name, stages)}

    same(latest(["Production"]), {"Production": "1"})
    same(latest(["Production", "Staging"]), {"Production": "1", "Staging": "2"})
    same(latest(["None"]), {"None": "4"})
    found = latest(None)
    found.pop("None", None)  # servers up to 1.20 leave it out
    same(found, {"Production": "1", "Staging": "2"})


@operation()
def version_download_uri(lab: Lab) -> None:
    """Where a version's files are."""
    name, run = _model(lab, "uri"), lab.run()
    source = f"{lab.client.get_run(run).info.artifact_uri}/model"
    lab.client.create_model_version(name, source, run)
    same(lab.client.get_model_version_download_uri(name, "1"), source)
    refused(lambda: lab.client.get_model_version_download_uri(name, "7"), "RESOURCE_DOES_NOT_EXIST")


@operation()
def version_search(lab: Lab) -> None:
    """By name and by run."""
    name, run = _model(lab, "version search", 2), lab.run()
    source = f"{lab.client.get_run(run).info.artifact_uri}/model"
    lab.client.create_model_version(name, source, run)

    def found(filter_string: str) -> list[str]:
        return sorted(str(v.version) for v in lab.client.search_model_versions(filter_string))

    same(found(f"name = '{name}'"), ["1", "2", "3"], "name")
    same(found(f"run_id = '{run}'"), ["3"], "run")
    same(found("name = 'no such model'"), [], "none")
    versions = lab.client.search_model_versions(f"name = '{name}'")
    same({v.source for v in versions}, {"s3://bucket/1", "s3://bucket/2", source})


@operation()
def version_search_pages(lab: Lab) -> None:
    """In pages and in a given order, where the client can ask for it."""
    takes(lab.client.search_model_versions, "page_token")
    name = _model(lab, "version pages", 5)
    found: list[str] = []
    token: Any = None
    for _ in range(6):
        page = lab.client.search_model_versions(
            f"name = '{name}'", max_results=2, order_by=["version_number ASC"], page_token=token
        )
        found += [str(v.version) for v in page]
        token = page.token
        if not token:
            break
    same(found, ["1", "2", "3", "4", "5"])


@operation()
def version_search_tags(lab: Lab) -> None:
    """By tags and LIKE, as documented since 1.28; without any filter since 2.3."""
    if lab.version < (1, 28):
        needs(lab.client, "search_model_versions(tags)")
    name = _model(lab, "version tags", 2)
    lab.client.set_model_version_tag(name, "2", "of", name)
    same([str(v.version) for v in lab.client.search_model_versions(f"tags.of = '{name}'")], ["2"], "tag")
    like = lab.client.search_model_versions(f"name LIKE '{name[:-1]}%'")
    assert {"1", "2"} <= {str(v.version) for v in like if v.name == name}
    if lab.version >= (2, 3):
        assert name in {v.name for v in lab.client.search_model_versions()}


@operation()
def version_search_runs(lab: Lab) -> None:
    """By several runs."""
    if lab.version < (2, 5):
        raise Unknown("documented since 2.5")
    name, runs = _model(lab, "version runs"), [lab.run() for _ in range(3)]
    for run in runs:
        lab.client.create_model_version(name, f"{lab.client.get_run(run).info.artifact_uri}/model", run)
    found = lab.client.search_model_versions(f"run_id IN ('{runs[0]}', '{runs[2]}')")
    same(sorted((v.name, v.run_id) for v in found), sorted((name, run) for run in (runs[0], runs[2])))


@operation()
def searches_fluent(lab: Lab) -> None:
    """``mlflow.search_…`` of experiments, models and versions, over all pages."""
    needs(mlflow, "search_model_versions")
    name = _model(lab, "fluent search", 3)
    found = mlflow.search_model_versions(filter_string=f"name = '{name}'", order_by=["version_number DESC"])
    same([str(v.version) for v in found], ["3", "2", "1"])
    same([m.name for m in mlflow.search_registered_models(filter_string=f"name = '{name}'")], [name])
    experiment = lab.client.get_experiment(lab.experiment)
    found = mlflow.search_experiments(filter_string=f"name = '{experiment.name}'")
    same([e.experiment_id for e in found], [lab.experiment])


@operation()
def version_copy(lab: Lab) -> None:
    """Copied into another model."""
    copy = needs(lab.client, "copy_model_version")
    name, run, target = _model(lab, "copied"), lab.run(), lab.name("copy of")
    source = f"{lab.client.get_run(run).info.artifact_uri}/model"
    lab.client.create_model_version(name, source, run, description="original", tags={"t": "1"})
    made = copy(f"models:/{name}/1", target)
    same((made.name, str(made.version)), (target, "1"))
    read = lab.client.get_model_version(target, "1")
    same(read.run_id, run)
    assert read.source in (f"models:/{name}/1", source), read.source  # servers before 2.9 know the place alone
    same(lab.client.get_model_version_download_uri(target, "1"), source)
