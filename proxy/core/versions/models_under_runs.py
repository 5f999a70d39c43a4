"""Logged models of a 3.x server, found for clients that look for them among their run's artifacts."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.json_sites import maps_in
from proxy.core.messages import Response
from proxy.core.versions import answers, artifact_uris, runs
from proxy.core.versions.change import Call
from proxy.core.versions.logged_models import run_path

LOST = "of several models of one name in a run, all but the newest"

_LARGEST_PAGE = 1000


def models_under(place: str, run: str, name: str = "") -> Generator[Call, Response, list[dict[str, Any]]]:
    """Descriptions of the run's logged models, newest first; of all names, or of one.

    ``place`` is what stands before the run's id in its artifact path: the experiment's id, as a rule.
    """
    if "'" in name:  # no name of a logged model has one
        return []
    experiment = place
    if not place.isdecimal():
        found = yield from runs.read(run)
        if isinstance(found, Response):
            return []
        experiment = runs.experiment_of(found)
    clause = f" AND name = '{name}'" if name else ""
    search = {
        "experiment_ids": [experiment],
        "filter": f"source_run_id = '{run}'{clause}",
        "max_results": _LARGEST_PAGE if not name else 1,
        "order_by": [{"field_name": "creation_timestamp", "ascending": False}],
    }
    content = answers.success((yield Call("SearchLoggedModels", search))) or {}
    return maps_in([each.get("info") for each in maps_in(content.get("models"))])


def place_of(path: Any) -> Generator[Call, Response, str | None]:
    """The path of a logged model's file or folder instead of one under its run, None where there is no such model."""
    under = run_path(path)
    if under is None or not under[2]:
        return None
    place, run, rest = under
    name, _, rest = rest.partition("/")
    models = yield from models_under(place, run, name)
    there = artifact_uris.path_in(models[0].get("artifact_uri")) if models else None
    return "/".join(filter(None, (there, rest))) if there is not None else None
