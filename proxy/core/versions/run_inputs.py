"""Datasets that a run used, as notes on the run, where the server has no place for them.

Every dataset is a note of its own, ``dataset.DIGEST``, so that two clients that log different ones at once lose
nothing. It holds the dataset with its tags, and is named by a hash of the dataset's name and digest (its identity).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from proxy.core.hidden_tags import PREFIX
from proxy.core.json_sites import as_list, as_map
from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, notes, runs
from proxy.core.versions.runs import Run

_DATASET = "dataset."
_IN_BODY = f"{PREFIX}{_DATASET}".encode()


def note_name(dataset: Mapping[str, Any]) -> str:
    """The name of a dataset's note."""
    identity = jsontext.write([str(dataset.get("name")), str(dataset.get("digest"))])
    # 16 digits are enough for one run, and cannot be taken for an id, which has 32
    return _DATASET + hashlib.sha256(identity).hexdigest()[:16]


def noted(run: Run) -> list[dict[str, Any]]:
    """The datasets that are noted on a run, each ``{"dataset", "tags"}``, in the order in which they were logged."""
    found = filter(None, map(_read, notes.read_all(runs.tags_of(run), _DATASET).values()))
    return [entry for _, entry in sorted(found, key=lambda each: each[0])]


def note_of(entry: Mapping[str, Any], *, at: int, place: int) -> list[notes.Tag]:
    """The tags that note one dataset.

    Args:
        entry: ``{"dataset", "tags"}`` as clients send and read it.
        at: when it was logged, in ms since the epoch.
        place: among the datasets that were logged together.
    """
    return notes.write(note_name(entry["dataset"]), jsontext.write({"at": at, "place": place, "input": entry}).decode())


def show(answer: Response) -> Response:
    """The answer with the noted datasets under ``run.inputs.dataset_inputs`` of every run that does not have them."""
    if _IN_BODY not in answer.body:
        return answer
    content = jsontext.read_answer(answer) or {}
    changed = False
    for run in answers.each(content, "run"):
        inputs = as_map(run.get("inputs"))
        own = as_list(inputs.get("dataset_inputs"))
        known = {note_name(as_map(as_map(entry).get("dataset"))) for entry in own}
        found = [entry for entry in noted(run) if note_name(as_map(entry.get("dataset"))) not in known]
        if found:
            run["inputs"] = {**inputs, "dataset_inputs": [*own, *found]}
            changed = True
    return jsontext.with_body(answer, content) if changed else answer


def _read(text: str) -> tuple[tuple[int, int], dict[str, Any]] | None:
    """When a note was made, and the dataset; None when it is no note of ours."""
    note = jsontext.parsed(text)
    at, place, entry = note.get("at"), note.get("place"), note.get("input")
    if not isinstance(at, int) or not isinstance(place, int) or not isinstance(entry, dict):
        return None
    return (at, place), entry
