"""Datasets of runs on servers that know none."""

from __future__ import annotations

from typing import Any

import pytest

LOG = "POST /api/2.0/mlflow/runs/log-inputs"
GET = "GET /api/2.0/mlflow/runs/get?run_id=a"
BATCH = "POST /api/2.0/mlflow/runs/log-batch"


def _dataset(digest: str = "d1", **more: str) -> dict[str, Any]:
    dataset = {"name": "data", "digest": digest, "source_type": "local", "source": "{}", **more}
    return {"tags": [{"key": "mlflow.data.context", "value": "train"}], "dataset": dataset}


def _run(*tags: Any) -> dict[str, Any]:
    return {"run": {"info": {"run_id": "a"}, "data": {"tags": list(tags)}}}


def _log(talk: Any, *datasets: Any, answers: tuple[Any, ...] = (), server: str = "1.30.1") -> Any:
    return talk(LOG, {"run_id": "a", "datasets": list(datasets)}, client="2.22.4", server=server, answers=answers)


def test_datasets_are_noted_and_shown_again(talk):
    """One batch of hidden tags; reads of the run give the inputs as they were sent."""
    played = _log(talk, _dataset("d1"), _dataset("d2", schema="s" * 5000), answers=(_run(), {}))
    assert (played.status, played.body) == (200, {})
    assert [line for line, _ in played.sent] == [GET, BATCH]
    tags = played.sent[1][1]["tags"]
    assert len(tags) == 3
    assert all(len(tag["value"]) <= 5000 for tag in tags)
    shown = talk(GET, client="2.22.4", server="1.30.1", answers=(_run(*tags),), emulated=True)
    assert shown.body["run"]["inputs"] == {"dataset_inputs": [_dataset("d1"), _dataset("d2", schema="s" * 5000)]}


def test_a_dataset_that_the_run_has_stays_as_it_is(talk):
    """The first description counts, within a call and between calls."""
    tags = _log(talk, _dataset(), answers=(_run(), {})).sent[1][1]["tags"]
    again = _log(talk, _dataset(profile="other"), answers=(_run(*tags),))
    assert (again.status, len(again.sent)) == (200, 1)
    twice = _log(talk, _dataset(), _dataset(profile="other"), answers=(_run(), {}))
    assert len(twice.sent[1][1]["tags"]) == 1


def test_long_notes_take_several_batches(talk):
    """No batch has more tags than a server takes."""
    played = _log(talk, _dataset(profile="p" * 600_000), answers=(_run(), {}, {}))
    assert [len(body["tags"]) for line, body in played.sent if line == BATCH] == [100, 51]


def test_a_refusal_is_the_answer(talk):
    """Of the read, and of a write."""
    missing, deleted = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST"}), (400, {"error_code": "INVALID_STATE"})
    assert _log(talk, _dataset(), answers=(missing,)).status == 404
    assert _log(talk, _dataset(), answers=(_run(), deleted)).status == 400


@pytest.mark.parametrize(
    "entry",
    [
        {"tags": []},
        "text",
        {"dataset": {"name": "n", "digest": "d", "source_type": "local"}},
        _dataset("d" * 37),
        _dataset(schema="s" * 1_048_576),
    ],
)
def test_what_mlflow_refuses_is_refused(talk, entry):
    """With its code, and without asking the server."""
    played = _log(talk, entry)
    assert (played.status, played.body["error_code"], played.sent) == (400, "INVALID_PARAMETER_VALUE", [])


def test_servers_with_inputs_are_left_alone(talk):
    """From 2.4 on they do it themselves."""
    assert _log(talk, _dataset(), server="2.5.0").untouched
