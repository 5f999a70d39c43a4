"""A deleted tag of an experiment is gone for everybody.

Why: servers before 3.3 hold a tombstone in its place (see ``bury_experiment_tags``). It is taken out of every answer,
for clients of the server's own version as well, and filters that might match it are told not to. Newer servers are
not left out, because their database may be a copy of an older one's.
Lost: nothing.
Source: observed, emulated, on 1.20.2 to 2.22.4.
"""

from __future__ import annotations

from typing import Any

from proxy.core.messages import Response
from proxy.core.versions import answers, filters, jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange
from proxy.core.versions.experiment_tags import TOMBSTONE

_MAY_MATCH = frozenset({"!=", "LIKE", "ILIKE", "IS NOT NULL"})
"""Comparators by which a value that nobody gave could be found."""


def _hide(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer) if TOMBSTONE.encode() in answer.body else None
    if content is None:
        return answer
    for each in answers.each(content, "experiment"):
        if isinstance(each.get("tags"), list):
            each["tags"] = [tag for tag in each["tags"] if not _is_buried(tag)]
    return jsontext.with_body(answer, content)


def _is_buried(tag: Any) -> bool:
    return isinstance(tag, dict) and tag.get("value") == TOMBSTONE


def _exclude(call: Call, _: Dialects) -> Call:
    text = call.arguments.get("filter") if call.operation == "SearchExperiments" else None
    try:
        parts = filters.clauses(text) if isinstance(text, str) else ()
    except filters.FilterSyntaxError:
        return call
    about = [part.identifier for part in parts if part.comparator in _MAY_MATCH]
    keys = {each.key for each in about if each.entity.lower() in {"tag", "tags"} and "`" not in each.key}
    if not keys:
        return call
    more = [f"tags.`{key}` != '{TOMBSTONE}'" for key in sorted(keys)]
    return Call(call.operation, {**call.arguments, "filter": " AND ".join([str(text), *more])})


CHANGE = VersionChange(
    name="hide_buried_experiment_tags",
    operations=frozenset({"GetExperiment", "GetExperimentByName", "SearchExperiments", "ListExperiments"}),
    servers=(None, None),
    reveals=True,
    request=_exclude,
    response=_hide,
    emulates=True,
)
