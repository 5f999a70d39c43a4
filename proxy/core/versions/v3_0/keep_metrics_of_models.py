"""Metrics may be logged for a logged model.

Why: servers before 3.0 take such a metric for the run alone. What it says of the model is kept in a hidden tag, see
``model_metrics``, so that the model shows it and searches find it.
Lost: all but the last point of each metric of a model; the run has them all.
Source: ``runs/log-metric`` and ``runs/log-batch`` of 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.messages import Response
from proxy.core.versions import runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE
from proxy.core.versions.model_metrics import is_of_model, tags_of


def _metrics(call: Call) -> list[Any]:
    given = [call.arguments] if call.operation == "LogMetric" else call.arguments.get("metrics")
    return [metric for metric in given if is_of_model(metric)] if isinstance(given, list) else []


def _log(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    answer = yield call
    if not answer.ok:
        return answer
    kept = yield from runs.tag({"run_id": runs.named(call.arguments)}, tags_of(_metrics(call)))
    return answer if kept.ok else kept


CHANGE = VersionChange(
    name="keep_metrics_of_models",
    operations=frozenset({"LogMetric", "LogBatch"}),
    servers=(None, before(SINCE)),
    clients=(SINCE, None),
    applies=lambda call, _: bool(_metrics(call)),
    recipe=_log,
    emulates=True,
    when="a metric names a logged model",
    lost="all but the last point of each metric of a logged model",
)
