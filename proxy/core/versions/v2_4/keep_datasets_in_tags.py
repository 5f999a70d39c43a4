"""A run has inputs: ``runs/log-inputs`` says which datasets it used.

Why: servers before 2.4 have no place for them. Each dataset becomes a note on the run (see ``run_inputs``), and runs
are shown with their inputs. As MLflow does it, a dataset that the run has already (same name and digest) stays as it
was logged first.
Lost: searching runs by ``datasets.*``, and that runs which log the same dataset share one description of it.
Source: ``log_inputs`` and the validation of datasets in 2.5.0; observed on 2.5.0 and, emulated, on 1.20.2 to 2.3.2.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.json_sites import as_list, as_map
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, jsontext, mlflow_errors, notes, run_inputs, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_LONGEST = {"name": 500, "digest": 36, "source": 65_535, "schema": 1_048_575, "profile": 16_777_215}


def _keep(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    datasets = as_list(call.arguments.get("datasets"))
    if problem := next(filter(None, map(_problem, datasets)), ""):
        return mlflow_errors.invalid(problem)
    named = runs.naming(call.arguments)
    answer = yield Call("GetRun", named)
    run = answers.found(answer, "run")
    if run is None:
        return answer
    known = {run_inputs.note_name(as_map(each.get("dataset"))) for each in run_inputs.noted(run)}
    tags: list[notes.Tag] = []
    for place, entry in enumerate(datasets):
        name = run_inputs.note_name(entry["dataset"])
        if name not in known:
            known.add(name)
            tags += run_inputs.note_of(entry, at=dialects.now_ms, place=place)
    kept = yield from runs.tag(named, tags)
    return jsontext.answer({}) if kept.ok else kept


def _problem(entry: Any) -> str:
    """What MLflow says against a dataset; empty when it may be logged."""
    dataset = entry.get("dataset") if isinstance(entry, Mapping) else None
    if not isinstance(dataset, Mapping):
        return "Dataset cannot be None"
    for field in ("name", "digest", "source_type", "source"):
        if not dataset.get(field):
            return f"Dataset {field} cannot be None"
    for field, longest in _LONGEST.items():
        if len(str(dataset.get(field) or "")) > longest:
            return f"'{field}' exceeds the maximum length of {longest} characters"
    return ""


CHANGE = VersionChange(
    name="keep_datasets_in_tags",
    operations=frozenset({"LogInputs"}),
    servers=(None, before(Version(2, 4))),
    recipe=_keep,
    emulates=True,
    lost="searching runs by datasets; runs do not share one description of a dataset",
)
