"""Metrics of logged models on servers that have no logged models: tags of the run that logged them.

A server before 3.0 keeps the metric for the run and drops the model that it was for. So the last point of each metric
of a model (for each data set) is kept in a hidden tag of the same run. The run need not be the model's own: models are
evaluated in other runs of their experiment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from proxy.core.hidden_tags import PREFIX
from proxy.core.versions import jsontext, notes, runs
from proxy.core.versions.logged_models import is_model_id
from proxy.core.versions.runs import Run
from proxy.core.versions.search_kinds import number

MARK = f"{PREFIX}hasModelMetrics"
"""Tag of runs that logged such metrics."""

_METRIC = f"{PREFIX}modelMetric."
_FIELDS = ("key", "value", "timestamp", "step", "model_id", "dataset_name", "dataset_digest")


def is_of_model(metric: Any) -> bool:
    """Whether a metric that a client logs says which model it is for."""
    return isinstance(metric, Mapping) and is_model_id(str(metric.get("model_id", ""))) and "key" in metric


def tags_of(metrics: Iterable[Mapping[str, Any]]) -> list[notes.Tag]:
    """The tags that keep the metrics, and mark their run; of several points of one the last stays."""
    tags: dict[str, str] = {MARK: "yes"}
    for metric in metrics:
        kept = {name: metric[name] for name in _FIELDS if metric.get(name) is not None}
        what = jsontext.write([kept.get(name) for name in ("key", "dataset_name", "dataset_digest")])
        tags[f"{_METRIC}{kept['model_id']}.{sha256(what).hexdigest()[:16]}"] = jsontext.write(kept).decode()
    return [{"key": key, "value": value} for key, value in tags.items()]


def metrics_of(logged_in: Iterable[Run]) -> dict[str, list[dict[str, Any]]]:
    """Model id -> its metrics as servers describe them, from the tags of these runs; no run is read twice."""
    found: dict[str, list[dict[str, Any]]] = {}
    seen: set[str] = set()
    for run in logged_in:
        run_id = runs.id_of(run)
        if run_id in seen:
            continue
        seen.add(run_id)
        for key, value in runs.tags_of(run).items():
            if key.startswith(_METRIC) and (metric := _read(value)) is not None:
                found.setdefault(str(metric["model_id"]), []).append({**metric, "run_id": run_id})
    return found


def _read(text: str) -> dict[str, Any] | None:
    metric = jsontext.parsed(text)
    return metric if is_of_model(metric) and number(metric.get("value")) else None
