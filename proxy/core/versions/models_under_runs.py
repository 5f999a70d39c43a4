"""Logged models of a 3.x server, found for clients that look for them among their run's artifacts."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.messages import Response
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call
from proxy.core.versions.logged_models import run_path
from proxy.core.versions.model_runs import read_run

ROOT = "mlflow-artifacts:/"
"""What URIs of files that go through the server begin with."""

LOST = "of several models of one name in a run, all but the newest"

_LARGEST_PAGE = 1000


def models_under(place: str, run: str, name: str = "") -> Generator[Call, Response, list[Mapping[str, Any]]]:
    """Descriptions of the run's logged models, newest first; of all names, or of one.

    ``place`` is what stands before the run's id in its artifact path: the experiment's id, as a rule.
    """
    if "'" in name:  # no name of a logged model has one
        return []
    experiment = place
    if not place.isdecimal():
        found = yield from read_run(run)
        if isinstance(found, Response):
            return []
        experiment = str(found["info"]["experiment_id"])
    clause = f" AND name = '{name}'" if name else ""
    search = {
        "experiment_ids": [experiment],
        "filter": f"source_run_id = '{run}'{clause}",
        "max_results": _LARGEST_PAGE if not name else 1,
        "order_by": [{"field_name": "creation_timestamp", "ascending": False}],
    }
    content = jsontext.read_answer((yield Call("SearchLoggedModels", search)))
    models = content.get("models") if content is not None else None
    return [each["info"] for each in models] if isinstance(models, list) else []


def place_of(path: Any) -> Generator[Call, Response, str | None]:
    """The path of a logged model's file or folder instead of one under its run, None where there is no such model."""
    under = run_path(path)
    if under is None or not under[2]:
        return None
    place, run, rest = under
    name, _, rest = rest.partition("/")
    models = yield from models_under(place, run, name)
    uri = str(models[0].get("artifact_uri", "")) if models else ""
    return "/".join(filter(None, (uri.removeprefix(ROOT).strip("/"), rest))) if uri.startswith(ROOT) else None
