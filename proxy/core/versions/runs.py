"""Runs, as changes read and tag them. Servers of 1.x know a run as ``run_uuid`` as well as ``run_id``."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from proxy.core.json_sites import as_map
from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, notes
from proxy.core.versions.change import Call

TAGS_AT_ONCE = 100
"""The most that one ``runs/log-batch`` takes, on every server."""

Run = Mapping[str, Any]
"""An answer's ``run``: ``{"info": {…}, "data": {…}}``."""


def naming(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that say which run a call is about."""
    return {field: arguments[field] for field in ("run_id", "run_uuid") if field in arguments}


def named(arguments: Mapping[str, Any]) -> Any:
    """The id of the run that a call is about."""
    return arguments.get("run_id") or arguments.get("run_uuid")


def info_of(run: Run) -> dict[str, Any]:
    """What stands under ``info``."""
    return as_map(run.get("info"))


def id_of(run: Run) -> str:
    """A run's id, under the name that its server uses."""
    return str(named(info_of(run)) or "")


def experiment_of(run: Run) -> str:
    """The experiment that a run is in."""
    return str(info_of(run).get("experiment_id", ""))


def tags_of(run: Run) -> dict[str, str]:
    """A run's tags by key, hidden ones included."""
    return notes.as_map(as_map(run.get("data")).get("tags"))


def read(run_id: str) -> Generator[Call, Response, Run | Response]:
    """A run, or why there is none."""
    answer = yield Call("GetRun", {"run_id": run_id, "run_uuid": run_id})
    run = answers.found(answer, "run")
    return answer if run is None or not info_of(run) else run


def tag(run: Mapping[str, Any], tags: Sequence[notes.Tag]) -> Generator[Call, Response, Response]:
    """Set tags of a run (as ``naming`` gives it) in as few requests as servers take; the first failure ends it."""
    answer = jsontext.answer({})
    for start in range(0, len(tags), TAGS_AT_ONCE):
        answer = yield Call("LogBatch", {**run, "tags": list(tags[start : start + TAGS_AT_ONCE])})
        if not answer.ok:
            break
    return answer
