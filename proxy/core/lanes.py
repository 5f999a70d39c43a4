"""Which queue a write stands in, and which other queues it must wait for.

Records of one object are delivered in the order in which they were recorded: a client that saw an answer may build on
it, and writes whose order shows are never under way together (``order_shows``). Objects depend on others: a run on its
experiment, a model version on the run its files lie in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proxy.core import json_sites
from proxy.core.endpoints.spec import Kind, Lane, Match
from proxy.core.id_sites import experiment_of, tokens_in
from proxy.core.versions.change import Call

_COMMUTING = frozenset({"LogMetric", "LogParam", "LogInputs", "LogOutputs"})
"""Each adds what no other one takes away, so two of them end the same in either order."""

_SOURCE_RUN = "mlflow.sourceRun"
_NAME_A_RUN = frozenset({"StartTrace", "EndTrace", "StartTraceV3"})
"""Traces name the run in which they were made in their metadata, where every side has its own id of it."""

_COPIED = re.compile(r"models:/+([^/]+)/([0-9]+)/?")

ARTIFACT_SEGMENT_LANES = {"artifacts": Lane.RUN, "models": Lane.LOGGED_MODEL, "traces": Lane.TRACE}


def lane_of(kind: Lane, name: str) -> str:
    """``run:0f3c…``; the form in which lanes are stored. Lone surrogates, which no database takes, become ``?``."""
    return f"{kind.value}:{name}".encode("utf-8", "replace").decode()


def lanes_of(match: Match, call: Call) -> tuple[str, tuple[str, ...]]:
    """The lane of a write and the lanes it waits for, from what its request says (public ids).

    Returns: the lane, empty for a create whose object is named only by its answer; and the others.
    """
    operation = match.operation
    if operation.kind is Kind.ARTIFACT_WRITE and operation.request.artifact_path:
        return _artifact_lanes(artifact_path(match, call.arguments))
    after = [lane_of(kind, name) for kind, site in operation.after for name in _names(call.arguments, site)]
    if operation.name in _NAME_A_RUN:
        after += [lane_of(Lane.RUN, run) for run in _source_run(call.arguments)]
    if operation.name == "CreateModelVersion" and (original := copied_from(call.arguments.get("source"))):
        after.append(lane_of(Lane.REGISTERED_MODEL, original[0]))
    after = list(dict.fromkeys(after))  # a batch names its model with every metric
    names = [name for site in operation.subject for name in _names(call.arguments, site)][:1]
    if operation.creates:  # the object does not exist yet; what it names is what it depends on
        return "", tuple(after + [lane_of(operation.lane, name) for name in names])
    return (lane_of(operation.lane, names[0]) if names else lane_of(Lane.OTHER, operation.name)), tuple(after)


def order_shows(match: Match, call: Call) -> bool:
    """Whether two such writes to one object end differently when their order is changed.

    Artifacts are copied as they are when their turn comes, and creates without a lane make objects of their own.
    """
    operation = match.operation
    if operation.kind is Kind.ARTIFACT_WRITE or operation.creates or operation.lane is Lane.OTHER:
        return False
    if operation.name == "LogBatch":
        return bool(call.arguments.get("tags"))
    return operation.name not in _COMMUTING


def created_lane(match: Match, answer: Any) -> str:
    """The lane of what a create made, from its parsed answer; empty when the answer does not name it."""
    operation = match.operation
    name = json_sites.first(answer, operation.creates) if operation.creates else None
    return lane_of(operation.lane, str(name)) if name is not None else ""


def copied_from(source: Any) -> tuple[str, str] | None:
    """Name and number of the model version that a version was copied from, by its source (``models:/NAME/1``)."""
    found = _COPIED.fullmatch(source) if isinstance(source, str) else None
    return (found[1], found[2]) if found is not None else None


def artifact_path(match: Match, arguments: Mapping[str, Any]) -> str:
    """The artifact path that an artifact write concerns."""
    field = match.operation.request.artifact_path.strip("{}")
    value = match.params.get(field) or arguments.get(field)
    return value if isinstance(value, str) else ""


def _artifact_lanes(path: str) -> tuple[str, tuple[str, ...]]:
    """``3/0f3c…/artifacts/x`` -> the run's lane, after the experiment; models and traces likewise."""
    experiment = experiment_of(path)
    after = (lane_of(Lane.EXPERIMENT, experiment),) if experiment is not None else ()
    segments = path.split("/")
    for index, segment in enumerate(segments):
        if not (tokens_in(segment.encode("utf-8", "replace")) or segment.startswith("tr-")):
            continue
        before = segments[index - 1] if index else ""
        kind = ARTIFACT_SEGMENT_LANES.get(before, Lane.RUN)
        return lane_of(kind, segment), after
    return lane_of(Lane.OTHER, segments[0]), after


def _source_run(arguments: Mapping[str, Any]) -> list[str]:
    newer = json_sites.first(arguments, "trace.trace_info.trace_metadata")
    found = newer.get(_SOURCE_RUN) if isinstance(newer, dict) else None
    older = arguments.get("request_metadata")
    pairs = [pair for pair in older if isinstance(pair, dict)] if isinstance(older, list) else []
    values = [found, *(pair.get("value") for pair in pairs if pair.get("key") == _SOURCE_RUN)]
    return [value for value in values if isinstance(value, str) and value]


def _names(arguments: Mapping[str, Any], site: str) -> list[str]:
    site = site.strip("{}")
    return [str(value) for value in json_sites.values(arguments, site) if isinstance(value, (str, int)) and value != ""]
