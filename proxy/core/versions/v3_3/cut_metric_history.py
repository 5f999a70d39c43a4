"""``metrics/get-history`` takes ``max_results`` and ``page_token``.

Why: servers up to 3.0 overlook both and answer the whole history. A caller that asks for pages gets them, cut on our
side; the tokens are those of later servers.
Lost: nothing.
Source: observed on 2.22.4, 3.0.1 and 3.3.2.
"""

from __future__ import annotations

from proxy.core.json_sites import integer
from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, mlflow_errors
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.searches import Position, read_token, write_token


def _size(call: Call) -> int:
    return integer(call.arguments.get("max_results")) or 0


def _applies(call: Call, _: Dialects) -> bool:
    return _size(call) > 0


def _cut(answer: Response, call: Call, _: Dialects) -> Response:
    content = jsontext.read_answer(answer)
    metrics = content.get("metrics") if content is not None else None
    if content is None or content.get("next_page_token") or not isinstance(metrics, list):
        return answer
    position = read_token(call.arguments.get("page_token"))
    if position is None:
        return mlflow_errors.invalid("Invalid page token")
    end = position.offset + _size(call)
    if not position.offset and end >= len(metrics):
        return answer
    token = {"next_page_token": write_token(Position(end))} if end < len(metrics) else {}
    return jsontext.with_body(answer, {**content, "metrics": metrics[position.offset : end], **token})


CHANGE = VersionChange(
    name="cut_metric_history",
    operations=frozenset({"GetMetricHistory"}),
    servers=(None, before(Version(3, 1))),
    applies=_applies,
    response=_cut,
    when="max_results is given",
)
