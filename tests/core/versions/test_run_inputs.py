"""Inputs noted on a run."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions import jsontext, run_inputs

texts = st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(texts, texts), unique=True, max_size=5), st.integers(0, 2**41))
def test_what_is_noted_is_read_back_in_order(names, at):
    """Whatever the names and however long the note."""
    entries = [{"dataset": {"name": name, "digest": digest, "profile": "p" * 9000}} for name, digest in names]
    tags = [
        tag
        for place, entry in enumerate(entries)
        for tag in run_inputs.note_of(run_inputs.dataset_note(entry["dataset"]), entry, at=at, place=place)
    ]
    run = {"data": {"tags": tags[::-1]}}
    assert run_inputs.documents(run, run_inputs.DATASET) == entries
    assert run_inputs.documents(run, run_inputs.MODEL) == []


def test_a_dataset_is_its_name_and_its_digest():
    """Neither alone, and the two are not run together."""
    names = {
        run_inputs.dataset_note({"name": name, "digest": digest})
        for name, digest in (("a", "b"), ("ab", ""), ("a", "c"))
    }
    assert len(names) == 3


def test_noted_inputs_are_added_to_those_of_the_server():
    """A server may know datasets and no models."""
    tags = run_inputs.note_of("modelInput.m-1", {"model_id": "m-1"}, at=1, place=0)
    run = {"data": {"tags": tags}, "inputs": {"dataset_inputs": [{"dataset": {}}]}}
    answer = run_inputs.show(jsontext.answer({"runs": [run, {"data": {}}]}), run_inputs.MODEL, "model_inputs")
    shown = json.loads(answer.body)["runs"]
    assert shown[0]["inputs"] == {"dataset_inputs": [{"dataset": {}}], "model_inputs": [{"model_id": "m-1"}]}
    assert "inputs" not in shown[1]


def test_an_answer_without_notes_is_left_as_it_is():
    """The very same object, so that nothing counts as translated."""
    for answer in (jsontext.answer({"run": {"data": {}}}), jsontext.answer([])):
        assert run_inputs.show(answer, run_inputs.DATASET, "dataset_inputs") is answer
