"""Datasets as inputs of runs."""

from __future__ import annotations

import json
from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, entities, mlflow, module, needs, same


def _input(name: str, digest: str, context: str, size: int = 10) -> Any:
    data = entities.Dataset(
        name,
        digest,
        "local",
        json.dumps({"uri": "räder.csv"}),
        schema=json.dumps({"s": "x" * size}),
        profile='{"n": 1}',
    )
    return entities.DatasetInput(data, [entities.InputTag("mlflow.data.context", context)])


def _shown(run: Any) -> list[tuple[str, ...]]:
    return sorted(
        (
            each.dataset.name,
            each.dataset.digest,
            each.dataset.source,
            each.dataset.profile,
            *(t.value for t in each.tags),
        )
        for each in run.inputs.dataset_inputs
    )


@operation()
def inputs_log_read(lab: Lab) -> None:
    """Two datasets in one call, one more later, the same one twice is one."""
    log = needs(lab.client, "log_inputs")
    run = lab.run()
    log(run, [_input("train", "d1", "training"), _input("test", "d2", "testing")])
    log(run, [_input("late", "d3", "validation")])
    log(run, [_input("train", "d1", "training")])
    source = json.dumps({"uri": "räder.csv"})
    expected = [
        ("late", "d3", source, '{"n": 1}', "validation"),
        ("test", "d2", source, '{"n": 1}', "testing"),
        ("train", "d1", source, '{"n": 1}', "training"),
    ]
    same(_shown(lab.client.get_run(run)), expected)
    found = lab.client.search_runs([lab.experiment], f"attributes.run_id = '{run}'")
    same(_shown(found[0]), expected)
    lab.remember("inputs", run=run, datasets=[["late", "d3"], ["test", "d2"], ["train", "d1"]])


@operation()
def inputs_large_schema(lab: Lab) -> None:
    """A wide table: a schema of 20000 characters."""
    log = needs(lab.client, "log_inputs")
    run = lab.run()
    log(run, [_input("wide", "w1", "training", 20_000)])
    (found,) = lab.client.get_run(run).inputs.dataset_inputs
    same(len(found.dataset.schema), 20_000 + len('{"s": ""}'))


@operation()
def inputs_search(lab: Lab) -> None:
    """Runs by the name, digest and context of their dataset."""
    log = needs(lab.client, "log_inputs")
    experiment = lab.client.create_experiment(lab.name("inputs searched"))
    first, second = lab.run(experiment), lab.run(experiment)
    log(first, [_input("one", "aa", "training")])
    log(second, [_input("two", "bb", "testing")])

    def ids(filter_string: str) -> list[str]:
        return sorted(run.info.run_id for run in lab.client.search_runs([experiment], filter_string))

    same(ids("datasets.name = 'one'"), [first], "name")
    same(ids("dataset.digest = 'bb'"), [second], "digest")
    same(ids("datasets.context = 'training'"), [first], "context")
    same(ids("datasets.name IN ('one', 'two')"), sorted([first, second]), "IN")
    same(ids("datasets.name = 'none'"), [], "none")


@operation()
def inputs_search_mixed(lab: Lab) -> None:
    """Runs by their dataset and something else, in an order."""
    log = needs(lab.client, "log_inputs")
    experiment = lab.client.create_experiment(lab.name("inputs mixed"))
    runs = [lab.run(experiment) for _ in range(3)]
    for number, run in enumerate(runs):
        lab.client.log_param(run, "p", str(number))
        lab.client.set_tag(run, "half", "first" if number == 0 else "second")
        log(run, [_input("one", "aa", "training")] if number < 2 else [_input("two", "bb", "testing")])

    def ids(filter_string: str, order: str) -> list[str]:
        found = lab.client.search_runs([experiment], filter_string, order_by=[order])
        return [run.info.run_id for run in found]

    same(ids("datasets.name = 'one'", "params.p DESC"), [runs[1], runs[0]], "order")
    same(ids("datasets.name = 'one' AND tags.half = 'second'", "start_time"), [runs[1]], "tag")
    same(ids("params.p != '1' AND datasets.context = 'testing'", "tags.half"), [runs[2]], "both")


@operation(60)
def inputs_from_pandas(lab: Lab) -> None:
    """A data frame as a dataset, through the fluent API."""
    needs(mlflow, "log_input")
    data = module("mlflow.data")
    pandas = module("pandas")
    frame = pandas.DataFrame({"x": [1.0, 2.0], "y": ["a", "b"]})
    dataset = data.from_pandas(frame, source="http://example.com/räder.csv", name="räder")
    mlflow.set_experiment(lab.name("pandas inputs"))
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="training")
    (found,) = lab.client.get_run(run.info.run_id).inputs.dataset_inputs
    same((found.dataset.name, found.dataset.digest, found.dataset.source_type), ("räder", dataset.digest, "http"))
    same(json.loads(found.dataset.profile), {"num_rows": 2, "num_elements": 4})
    same([(tag.key, tag.value) for tag in found.tags], [("mlflow.data.context", "training")])
    lab.remember("inputs", run=run.info.run_id, datasets=[["räder", dataset.digest]])
