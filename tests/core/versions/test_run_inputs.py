"""Datasets noted on a run."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions import jsontext, notes, run_inputs

texts = st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(texts, texts), unique=True, max_size=5), st.integers(0, 2**41))
def test_what_is_noted_is_read_back_in_order(names, at):
    """Whatever the names and however long the note."""
    entries = [{"dataset": {"name": name, "digest": digest, "profile": "p" * 9000}} for name, digest in names]
    tags = [tag for place, entry in enumerate(entries) for tag in run_inputs.note_of(entry, at=at, place=place)]
    assert run_inputs.noted({"data": {"tags": tags[::-1]}}) == entries


def test_a_dataset_is_its_name_and_its_digest():
    """Neither alone, and the two are not run together."""
    names = {
        run_inputs.note_name({"name": name, "digest": digest}) for name, digest in (("a", "b"), ("ab", ""), ("a", "c"))
    }
    assert len(names) == 3


def test_noted_datasets_are_added_to_those_of_the_server():
    """A database may be a copy of an older server's."""
    entry = {"dataset": {"name": "n", "digest": "d"}}
    run = {"data": {"tags": run_inputs.note_of(entry, at=1, place=0)}, "inputs": {"dataset_inputs": [{"dataset": {}}]}}
    shown = json.loads(run_inputs.show(jsontext.answer({"runs": [run, {"data": {}}]})).body)["runs"]
    assert shown[0]["inputs"] == {"dataset_inputs": [{"dataset": {}}, entry]}
    assert "inputs" not in shown[1]


def test_an_answer_without_notes_is_left_as_it_is():
    """The very same object, so that nothing counts as translated; a tag that is no note of ours is none."""
    odd = notes.write("dataset.x", "[]") + notes.write("dataset.y", '{"at": "x", "place": 1, "input": {}}')
    for answer in (
        jsontext.answer({"run": {"data": {}}}),
        jsontext.answer([]),
        jsontext.answer({"run": {"data": {"tags": odd}}}),
    ):
        assert run_inputs.show(answer) is answer
