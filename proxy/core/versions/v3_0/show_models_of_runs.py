"""Runs are shown with the logged models that they made and used.

Why: clients from 3.0 on read ``outputs`` and ``inputs.model_inputs`` of a run; servers before have neither, and
``link_models_to_runs`` keeps them in hidden tags, where they stay when the server is upgraded.
Lost: nothing.
Source: the answer of ``runs/get`` of 3.17.2.
"""

from __future__ import annotations

from typing import Any

from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, runs
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.logged_models import INPUT, OUTPUT, SINCE


def _show(answer: Response, _call: Call, _: Dialects) -> Response:
    if OUTPUT.encode() not in answer.body and INPUT.encode() not in answer.body:
        return answer
    content = jsontext.read_answer(answer)
    if content is None:
        return answer
    shown = [_show_links(run) for run in answers.each(content, "run")]
    return jsontext.with_body(answer, content) if any(shown) else answer


def _show_links(run: dict[str, Any]) -> bool:
    """Whether the run, changed in place, has any."""
    tags = runs.tags_of(run)
    outputs = [
        {"model_id": key.removeprefix(OUTPUT), "step": int(value) if value.isdecimal() else 0}
        for key, value in tags.items()
        if key.startswith(OUTPUT)
    ]
    inputs = [{"model_id": key.removeprefix(INPUT)} for key in tags if key.startswith(INPUT)]
    if outputs:
        outputs.sort(key=lambda each: (each["step"], each["model_id"]))
        run["outputs"] = _with(run.get("outputs"), "model_outputs", outputs)
    if inputs:
        run["inputs"] = _with(run.get("inputs"), "model_inputs", inputs)
    return bool(outputs or inputs)


def _with(shown: Any, field: str, noted: list[dict[str, Any]]) -> dict[str, Any]:
    """What the server shows, and of what is noted the models that it does not know of."""
    own = (shown or {}).get(field) or []
    known = {each.get("model_id") for each in own}
    return {**(shown or {}), field: [*own, *(each for each in noted if each["model_id"] not in known)]}


CHANGE = VersionChange(
    name="show_models_of_runs",
    operations=frozenset({"GetRun", "SearchRuns"}),
    servers=(None, None),
    clients=(SINCE, None),
    reveals=True,
    looks_inside=False,
    response=_show,
    emulates=True,
)
