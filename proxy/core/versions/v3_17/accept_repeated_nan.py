"""NaN may be logged twice for the same metric, step and time.

Why: clients repeat a write whose answer got lost. For any other value that is harmless, but servers of 1.28 to 3.16
refuse the whole repeated write when it holds a NaN, because NaN equals nothing, not even the NaN that is stored. After
such a refusal the histories are read: NaNs that are there already are left out, and the rest is written again.
Lost: nothing.
Source: observed on 1.28.0 to 3.14.0 (400); 1.23.1 and 3.17.2 accept it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.json_sites import maps_in
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, jsontext, runs
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_KEYS_AT_MOST = 100
"""Histories that are read for one write."""


def _metrics(call: Call) -> list[dict[str, Any]]:
    if call.operation == "LogMetric":
        return [dict(call.arguments)]
    return maps_in(call.arguments.get("metrics"))


def _is_nan(metric: dict[str, Any]) -> bool:
    return str(metric.get("value")).lower() == "nan"


def _point(metric: dict[str, Any]) -> tuple[str, str]:
    return str(metric.get("timestamp", 0)), str(metric.get("step") or 0)


def _applies(call: Call, _: Dialects) -> bool:
    return any(map(_is_nan, _metrics(call)))


def _log(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    refusal = yield call
    if refusal.status not in {400, 500}:
        return refusal
    metrics = _metrics(call)
    run = runs.named(call.arguments)
    there: set[tuple[str, tuple[str, str]]] = set()
    for key in sorted({str(each.get("key")) for each in metrics if _is_nan(each)})[:_KEYS_AT_MOST]:
        answer = yield Call("GetMetricHistory", {"run_id": run, "metric_key": key})
        history = maps_in((answers.success(answer) or {}).get("metrics"))
        there |= {(key, _point(each)) for each in history if _is_nan(each)}
    rest = [each for each in metrics if not (_is_nan(each) and (str(each.get("key")), _point(each)) in there)]
    if len(rest) == len(metrics):
        return refusal
    if call.operation == "LogMetric":
        return jsontext.answer({})
    return (yield Call(call.operation, {**call.arguments, "metrics": rest}))


CHANGE = VersionChange(
    name="accept_repeated_nan",
    operations=frozenset({"LogMetric", "LogBatch"}),
    servers=(Version(1, 24), before(Version(3, 17))),
    applies=_applies,
    recipe=_log,
    when="a metric is NaN",
)
