"""Tags of experiments can be deleted.

Why: servers before 3.3 can only set them. A deleted tag is set to a tombstone, a value that no client is shown, of the
server's own version included, and that no filter finds. Setting the tag again brings it back.
Lost: the tag's row stays in the server's database, and a client that bypasses us sees the tombstone.
Source: ``delete_experiment_tag`` of 3.17.2; observed on 3.3.2 and, emulated, on 1.20.2 to 2.22.4.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.hidden_tags import PREFIX
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import filters, jsontext, mlflow_errors, notes
from proxy.core.versions.change import Call, Dialects, VersionChange, before

TOMBSTONE = f"{PREFIX}deleted"

_SERVERS = (None, before(Version(3, 3)))
_READS = frozenset({"GetExperiment", "GetExperimentByName", "SearchExperiments", "ListExperiments"})
_MAY_MATCH = frozenset({"!=", "LIKE", "ILIKE"})
"""Comparators by which a value that nobody gave could be found."""


def _bury(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    experiment, key = call.arguments.get("experiment_id"), call.arguments.get("key")
    found = yield Call("GetExperiment", {"experiment_id": experiment})
    content = jsontext.read_answer(found)
    if not found.ok or content is None:
        return found
    about = content.get("experiment") or {}
    if about.get("lifecycle_stage") == "deleted":
        return mlflow_errors.invalid(
            f"The experiment {experiment} must be in the 'active' state. Current state is deleted."
        )
    if notes.as_map(about.get("tags") or ()).get(str(key), TOMBSTONE) == TOMBSTONE:
        return mlflow_errors.absent(f"No tag with name: {key} in experiment with id {experiment}")
    return (yield Call("SetExperimentTag", {"experiment_id": experiment, "key": key, "value": TOMBSTONE}))


def _hide(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer) if TOMBSTONE.encode() in answer.body else None
    if content is None:
        return answer
    listed = content.get("experiments")
    for each in (content.get("experiment"), *(listed if isinstance(listed, list) else ())):
        if isinstance(each, dict) and isinstance(each.get("tags"), list):
            each["tags"] = [tag for tag in each["tags"] if not _is_buried(tag)]
    return jsontext.with_body(answer, content)


def _is_buried(tag: Any) -> bool:
    return isinstance(tag, dict) and tag.get("value") == TOMBSTONE


def _exclude(call: Call, dialects: Dialects) -> Call:
    text = call.arguments.get("filter")
    try:
        parts = filters.clauses(text) if dialects.emulated and isinstance(text, str) else ()
    except filters.FilterSyntaxError:
        return call
    about = [part.identifier for part in parts if part.comparator in _MAY_MATCH]
    keys = {each.key for each in about if each.entity.lower() in {"tag", "tags"} and "`" not in each.key}
    if not keys:
        return call
    more = [f"tags.`{key}` != '{TOMBSTONE}'" for key in sorted(keys)]
    return Call(call.operation, {**call.arguments, "filter": " AND ".join([str(text), *more])})


BURY = VersionChange(
    name="bury_experiment_tags",
    operations=frozenset({"DeleteExperimentTag"}),
    servers=_SERVERS,
    recipe=_bury,
    emulates=True,
    lost="the tag's row stays in the server's database",
)
HIDE = VersionChange(
    name="hide_buried_experiment_tags",
    operations=_READS,
    servers=_SERVERS,
    every_client=True,
    looks_inside=False,
    response=_hide,
    emulates=True,
)
EXCLUDE = VersionChange(
    name="exclude_buried_experiment_tags",
    operations=frozenset({"SearchExperiments"}),
    servers=_SERVERS,
    every_client=True,
    request=_exclude,
    emulates=True,
)
CHANGES = (BURY, HIDE, EXCLUDE)
