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

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, mlflow_errors, run_inputs
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_TAGS_AT_ONCE = 100
_LONGEST = {"name": 500, "digest": 36, "source": 65_535, "schema": 1_048_575, "profile": 16_777_215}


def _keep(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    given = call.arguments
    run = {field: given[field] for field in ("run_id", "run_uuid") if field in given}
    datasets = given.get("datasets") or []
    if problem := next(filter(None, map(_problem, datasets)), ""):
        return mlflow_errors.invalid(problem)
    found = yield Call("GetRun", run)
    content = jsontext.read_answer(found)
    if not found.ok or content is None:
        return found
    there = [each.get("dataset") or {} for each in run_inputs.documents(content["run"], run_inputs.DATASET)]
    known = {run_inputs.dataset_note(dataset) for dataset in there}
    tags = []
    for place, entry in enumerate(datasets):
        name = run_inputs.dataset_note(entry["dataset"])
        if name not in known:
            known.add(name)
            tags += run_inputs.note_of(name, entry, at=dialects.now_ms, place=place)
    for start in range(0, len(tags), _TAGS_AT_ONCE):
        answer = yield Call("LogBatch", {**run, "tags": tags[start : start + _TAGS_AT_ONCE]})
        if not answer.ok:
            return answer
    return jsontext.answer({})


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
