"""Evaluation datasets, webhooks, scorers, which 3.x introduced."""

from __future__ import annotations

from typing import Any

from tests.square.client.book import operation
from tests.square.client.lab import Lab, mlflow, needs, refused, same
from tests.square.client.operations.traces import stored, traced


def _dataset(lab: Lab, **more: Any) -> Any:
    create = needs(lab.client, "create_dataset")
    return create(lab.name("dataset"), experiment_id=lab.experiment, **more)


@operation(60)
def dataset_create_get(lab: Lab) -> None:
    """Created with tags, read, deleted."""
    made = _dataset(lab, tags={"team": "räder"})
    read = lab.client.get_dataset(made.dataset_id)
    same((read.name, read.tags.get("team"), read.experiment_ids), (made.name, "räder", [lab.experiment]))
    lab.client.set_dataset_tags(made.dataset_id, {"a": "1"})
    same(lab.client.get_dataset(made.dataset_id).tags.get("a"), "1")
    found = lab.client.search_datasets(experiment_ids=[lab.experiment], filter_string=f"name = '{made.name}'")
    same([each.dataset_id for each in found], [made.dataset_id])
    lab.client.delete_dataset(made.dataset_id)
    refused(lambda: lab.client.get_dataset(made.dataset_id), "RESOURCE_DOES_NOT_EXIST")


@operation(60)
def dataset_records(lab: Lab) -> None:
    """Records are merged by their inputs."""
    made = _dataset(lab)
    made.merge_records(
        [
            {"inputs": {"q": "eins"}, "expectations": {"a": "1"}},
            {"inputs": {"q": "zwei ü"}, "expectations": {"a": "2"}, "tags": {"k": "v"}},
        ]
    )
    made.merge_records([{"inputs": {"q": "eins"}, "expectations": {"b": "3"}}])
    frame = lab.client.get_dataset(made.dataset_id).to_df()
    records = {row["inputs"]["q"]: row["expectations"] for _, row in frame.iterrows()}
    same(records, {"eins": {"a": "1", "b": "3"}, "zwei ü": {"a": "2"}})


@operation(60)
def dataset_from_traces(lab: Lab) -> None:
    """Records made of traces."""
    needs(lab.client, "create_dataset")
    key = traced(lab)
    trace = stored(lab, key, 2)
    made = _dataset(lab)
    made.merge_records([trace])
    frame = lab.client.get_dataset(made.dataset_id).to_df()
    same([row["inputs"] for _, row in frame.iterrows()], [{"question": "räder"}])


@operation()
def webhook_life(lab: Lab) -> None:
    """Created, read, changed, listed, deleted."""
    create = needs(lab.client, "create_webhook")
    made = create(
        "-".join(lab.name("webhook").split()),
        "https://1.1.1.1/hook",
        ["registered_model.created"],
        description="räder",
        status="DISABLED",  # nothing is ever sent there
    )
    read = lab.client.get_webhook(made.webhook_id)
    same((read.name, read.url, read.description), (made.name, "https://1.1.1.1/hook", "räder"))
    lab.client.update_webhook(made.webhook_id, description="later")
    same(lab.client.get_webhook(made.webhook_id).description, "later")
    assert made.webhook_id in {each.webhook_id for each in lab.client.list_webhooks(max_results=100)}
    lab.client.delete_webhook(made.webhook_id)
    refused(lambda: lab.client.get_webhook(made.webhook_id), "RESOURCE_DOES_NOT_EXIST")


@operation(60)
def scorer_register(lab: Lab) -> None:
    """A scorer of the user's, registered and listed."""
    genai = needs(mlflow, "genai")
    needs(genai, "list_scorers")
    scorers = genai.scorers
    experiment = lab.client.create_experiment(lab.name("scorers"))
    mlflow.set_experiment(experiment_id=experiment)
    made = scorers.Guidelines(name="polite", guidelines="Be polite.", model="openai:/gpt-x")
    made.register(name="polite", experiment_id=experiment)
    same([each.name for each in genai.list_scorers(experiment_id=experiment)], ["polite"])
