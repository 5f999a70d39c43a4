"""How each kind of fact is read and compared."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.square.client.lab import Lab, Unknown, mlflow, needs, same
from tests.square.client.operations.metrics import BIGGEST

READINGS: dict[str, Callable[..., None]] = {}


def _reads(kind: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def enter(read: Callable[..., None]) -> Callable[..., None]:
        READINGS[kind] = read
        return read

    return enter


def _tags(found: dict[str, str], expected: dict[str, str], without: list[str]) -> None:
    same({key: found.get(key) for key in expected}, expected, "tags")
    same([key for key in without if key in found], [], "deleted tags")
    same([key for key in found if "tightrope" in key], [], "tags of a proxy")


@_reads("experiment")
def experiment(
    lab: Lab, key: str, name: str, stage: str, tags: dict[str, str], without: list[str] | None = None
) -> None:
    """By id and by name."""
    for found in (lab.client.get_experiment(key), lab.client.get_experiment_by_name(name)):
        same((found.experiment_id, found.name, found.lifecycle_stage), (key, name, stage))
        _tags(found.tags, tags, without or [])


@_reads("run")
def run(lab: Lab, key: str, **expected: Any) -> None:
    """Whatever is known of it."""
    found = lab.client.get_run(key)
    _tags(found.data.tags, expected.get("tags", {}), expected.get("without", []))
    for field, value in (
        ("params", found.data.params),
        ("metrics", found.data.metrics),
        ("status", found.info.status),
        ("end_time", found.info.end_time),
    ):
        if field in expected:
            same(value, expected[field], field)
    if "name" in expected:
        same(found.data.tags.get("mlflow.runName"), expected["name"], "name")
        if hasattr(found.info, "run_name") and found.info.run_name is not None:
            same(found.info.run_name, expected["name"], "name")


@_reads("history")
def history(lab: Lab, run: str, key: str, points: list[list[float]]) -> None:
    """Every point: value, timestamp, step."""
    found = sorted([m.value, m.timestamp, m.step] for m in lab.client.get_metric_history(run, key))
    same(found, sorted(points))


@_reads("history length")
def history_length(lab: Lab, run: str, key: str, length: int, last: float) -> None:
    """A long one."""
    found = lab.client.get_metric_history(run, key)
    same((len(found), max(found, key=lambda m: m.step).value), (length, last))


@_reads("nan")
def nan(lab: Lab, run: str, key: str) -> None:
    """Still not a number."""
    found = lab.client.get_metric_history(run, key)
    assert [math.isnan(m.value) for m in found] == [True], found


@_reads("infinite")
def infinite(lab: Lab, run: str, up: str, down: str) -> None:
    """Still as large as it gets."""
    metrics = lab.client.get_run(run).data.metrics
    assert metrics[up] >= BIGGEST, metrics
    assert metrics[down] <= -BIGGEST, metrics


@_reads("file")
def file(lab: Lab, run: str, path: str, sha256: str, size: int) -> None:
    """The same bytes."""
    lab.needs_artifacts(lab.client.get_run(run).info.artifact_uri)
    folder = path.rpartition("/")[0] or None
    (listed,) = [each.file_size for each in lab.client.list_artifacts(run, folder) if each.path == path]
    same(listed, size, "listed size")
    target = lab.folder / hashlib.sha256(f"{run}{path}".encode()).hexdigest()[:12]
    target.mkdir()
    content = Path(lab.client.download_artifacts(run, path, str(target))).read_bytes()
    same((len(content), hashlib.sha256(content).hexdigest()), (size, sha256))


@_reads("model file")
def model_file(lab: Lab, run: str, path: str, text: str) -> None:
    """A file of a model, found through its run."""
    lab.needs_artifacts(lab.client.get_run(run).info.artifact_uri)
    target = lab.folder / f"model of {run}"
    target.mkdir()
    assert text in Path(lab.client.download_artifacts(run, path, str(target))).read_text(encoding="utf-8")


@_reads("inputs")
def inputs(lab: Lab, run: str, datasets: list[list[str]]) -> None:
    """Datasets of a run."""
    found = lab.client.get_run(run)
    if not hasattr(found, "inputs"):
        raise Unknown("runs of this client have no inputs")
    same(sorted([each.dataset.name, each.dataset.digest] for each in found.inputs.dataset_inputs), datasets)


@_reads("model")
def model(lab: Lab, name: str, description: str, tags: dict[str, str], versions: dict[str, str]) -> None:
    """A registered model and the stages of its versions."""
    found = lab.client.get_registered_model(name)
    same((found.description or "", found.tags), (description, tags))
    stages = {str(v.version): v.current_stage for v in lab.client.search_model_versions(f"name = '{name}'")}
    same(stages, versions)


@_reads("version")
def version(lab: Lab, name: str, version: str, source: str, run: str, description: str, tags: dict[str, str]) -> None:
    """A version's fields."""
    found = lab.client.get_model_version(name, version)
    same((found.source, found.run_id, found.description, found.tags), (source, run, description, tags))
    same(lab.client.get_model_version_download_uri(name, version), source)


@_reads("alias")
def alias(lab: Lab, name: str, alias: str, version: str) -> None:
    """An alias; where the client has none, it must not show as a tag either."""
    same(lab.client.get_registered_model(name).tags, {})
    found = needs(lab.client, "get_model_version_by_alias")(name, alias)
    same(str(found.version), version)


@_reads("loadable")
def loadable(
    lab: Lab, uri: str, given: list[int], expected: list[int], alias: bool = False, logged_model: bool = False
) -> None:
    """A model without a pickle."""
    if alias:
        needs(lab.client, "get_model_version_by_alias")
    if logged_model:
        needs(lab.client, "get_logged_model")
    if uri.startswith("runs:/"):
        lab.needs_artifacts(lab.client.get_run(uri.split("/")[1]).info.artifact_uri)
    elif not logged_model:
        name, number = uri[len("models:/") :].split("/") if "/" in uri[len("models:/") :] else (None, None)
        if name and number and number.isdigit():
            lab.needs_artifacts(lab.client.get_model_version_download_uri(name, number))
        else:
            needs(mlflow, "last_active_run")  # clients that cannot load it have no such function either
    same(lab.pyfunc.load_model(uri).predict(given), expected)


@_reads("pickled")
def pickled(lab: Lab, uri: str, given: list[int], expected: list[int]) -> None:
    """A model with a pickle, for which Python and MLflow must be near enough."""
    lab.needs_artifacts(lab.client.get_run(uri.split("/")[1]).info.artifact_uri)
    same(list(lab.pyfunc.load_model(uri).predict(given)), expected)


@_reads("logged model")
def logged_model(
    lab: Lab, key: str, name: str, run: str, params: dict[str, str], tags: dict[str, str], status: str
) -> None:
    """A logged model of 3.x."""
    found = needs(lab.client, "get_logged_model")(key)
    same((found.name, found.source_run_id, str(found.status)), (name, run, status))
    same(({k: found.params.get(k) for k in params}, {k: found.tags.get(k) for k in tags}), (params, tags))


@_reads("trace")
def trace(
    lab: Lab, key: str, spans: list[str], inputs: dict[str, Any], outputs: dict[str, Any], experiment: str
) -> None:
    """A trace with its spans, alone and in a search."""
    read = needs(lab.client, "get_trace")
    found = read(key, display=False)
    same(sorted(span.name for span in found.data.spans), sorted(spans))
    (root,) = [span for span in found.data.spans if span.parent_id is None]
    same((root.inputs, root.outputs), (inputs, outputs))
    arguments = {"locations": [experiment]} if lab.version >= (3, 6) else {"experiment_ids": [experiment]}
    searched = lab.client.search_traces(**arguments)
    assert any(len(each.data.spans) == len(spans) for each in searched), searched


@_reads("feedback")
def feedback(lab: Lab, trace: str, name: str, value: Any) -> None:
    """An assessment of a trace."""
    if lab.version < (3, 2):
        raise Unknown("assessments on this server are documented since 3.2")
    found = {each.name: each for each in lab.client.get_trace(trace, display=False).info.assessments}
    same(found[name].feedback.value, value)


@_reads("prompt")
def prompt(lab: Lab, name: str, version: int, template: str) -> None:
    """A version of a prompt; where the client has none, it must not show as a model."""
    load = getattr(mlflow, "load_prompt", None)
    if load is None:
        models = lab.client.search_registered_models(filter_string=f"name = '{name}'")
        same([each.name for each in models], [], "prompts among the models")
        raise Unknown("this client has no prompts")
    same(load(f"prompts:/{name}/{version}").template, template)


@_reads("prompt alias")
def prompt_alias(lab: Lab, name: str, alias: str, template: str) -> None:
    """A prompt by its alias."""
    same(needs(mlflow, "load_prompt")(f"prompts:/{name}@{alias}").template, template)
