"""Prompt versions are linked to traces by a call of their own.

Why: before 3.10, clients kept the links in the trace's tag ``mlflow.linkedPrompts``, a JSON list of names and versions,
and readers still look there. The call adds to that tag.
Lost: two clients that link prompts to one trace at the same moment can lose one of the links.
Source: ``link_prompts_to_trace`` in ``mlflow/store/model_registry/abstract_store.py`` of 3.3.2, and of the tracking
store of 3.10.1.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

from proxy.core.json_sites import maps_in
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, jsontext, trace_infos
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.trace_filters import LINKED_PROMPTS


def _link(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    trace = call.arguments.get("trace_id")
    answer = yield Call("GetTraceInfoV3", {"trace_id": trace})
    trace_read = answers.found(answer, "trace")
    if trace_read is None:
        return answer
    linked = _listed(answers.tags_of(trace_read.get("trace_info")).get(LINKED_PROMPTS))
    asked = [
        {"name": str(each.get("name")), "version": str(each.get("version"))}
        for each in maps_in(call.arguments.get("prompt_versions"))
    ]
    added = [each for each in asked if each not in linked]
    if not added:
        return jsontext.answer({})
    tag = {"key": LINKED_PROMPTS, "value": json.dumps(linked + added)}
    return (yield Call("SetTraceTag", {"request_id": trace, **tag}))


def _listed(text: str | None) -> list[dict[str, Any]]:
    try:
        found = json.loads(text) if text else []
    except ValueError:
        return []
    return maps_in(found)


CHANGE = VersionChange(
    name="link_prompts_by_tag",
    operations=frozenset({"LinkPromptsToTrace"}),
    servers=(trace_infos.V2_SINCE, before(Version(3, 10))),
    recipe=_link,
    lost="two links made at the same moment by different clients",
)
