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
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import SINCE
from proxy.core.versions.model_metrics import MARK, is_of_model, tags_of

_TAGS_AT_ONCE = 99
"""Of the hundred that every server takes, one is the mark."""


def _metrics(call: Call) -> list[Any]:
    given = [call.arguments] if call.operation == "LogMetric" else call.arguments.get("metrics")
    return [metric for metric in given if is_of_model(metric)] if isinstance(given, list) else []


def _log(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    answer = yield call
    if not answer.ok:
        return answer
    tags = tags_of(_metrics(call))
    run = call.arguments.get("run_id") or call.arguments.get("run_uuid")
    for start in range(0, len(tags), _TAGS_AT_ONCE):
        some = [{"key": MARK, "value": "yes"}, *tags[start : start + _TAGS_AT_ONCE]]
        kept = yield Call("LogBatch", {"run_id": run, "metrics": [], "params": [], "tags": some})
        if not kept.ok:
            return kept
    return answer


CHANGE = VersionChange(
    name="keep_metrics_of_models",
    operations=frozenset({"LogMetric", "LogBatch"}),
    servers=(None, before(SINCE)),
    clients=(SINCE, None),
    applies=lambda call, _: bool(_metrics(call)),
    recipe=_log,
    emulates=True,
    lost="all but the last point of each metric of a logged model",
)
