"""Inputs of a run as notes: which datasets and logged models it used, where the server has no place for them.

Every input is a note of its own on the run, so that two clients that log different ones at once lose nothing:
``dataset.DIGEST`` with the dataset and its tags, named by a hash of the dataset's name and digest (its identity), and
``modelInput.MODEL_ID``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from proxy.core.hidden_tags import PREFIX
from proxy.core.messages import Response
from proxy.core.versions import jsontext, notes

DATASET = "dataset."
MODEL = "modelInput."


def dataset_note(dataset: Mapping[str, Any]) -> str:
    """The name of a dataset's note."""
    identity = jsontext.write([str(dataset.get("name")), str(dataset.get("digest"))])
    # 16 digits are enough for one run, and cannot be taken for an id, which has 32
    return DATASET + hashlib.sha256(identity).hexdigest()[:16]


def documents(run: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """The inputs of one kind that are noted on a run, in the order in which they were logged."""
    data = run.get("data")
    tags = data.get("tags") if isinstance(data, Mapping) else None
    found = [jsontext.read_object(text.encode()) for text in notes.read_all(tags or (), kind).values()]
    return [each["input"] for each in sorted(found, key=lambda each: (each["at"], each["place"]))]


def note_of(name: str, entry: Mapping[str, Any], *, at: int, place: int) -> list[notes.Tag]:
    """The tags of one input's note.

    Args:
        name: of the note.
        entry: the input as clients send and read it.
        at: when it was logged, in ms since the epoch.
        place: among the inputs that were logged together.
    """
    return notes.write(name, jsontext.write({"at": at, "place": place, "input": entry}).decode())


def runs_in(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The runs of an answer."""
    listed = content.get("runs")
    for run in (content.get("run"), *(listed if isinstance(listed, list) else ())):
        if isinstance(run, dict):
            yield run


def _identity(entry: Mapping[str, Any]) -> str:
    """What makes an input the same as another one."""
    dataset = entry.get("dataset")
    return dataset_note(dataset) if isinstance(dataset, Mapping) else f"{MODEL}{entry.get('model_id')}"


def show(answer: Response, kind: str, field: str) -> Response:
    """The answer with the noted inputs of one kind under ``run.inputs.FIELD`` of every run."""
    content = jsontext.read_answer(answer) if f"{PREFIX}{kind}".encode() in answer.body else None
    if content is None:
        return answer
    changed = False
    for run in runs_in(content):
        noted = documents(run, kind)
        if noted:
            inputs = run.get("inputs") or {}
            own = inputs.get(field) or []
            known = {_identity(entry) for entry in own}
            run["inputs"] = {**inputs, field: [*own, *(entry for entry in noted if _identity(entry) not in known)]}
            changed = True
    return jsontext.with_body(answer, content) if changed else answer
