"""Answers carry ``info.run_name``, which clients of 1.30 and later show and compare.

Why: servers up to 1.28 know the name only as the tag ``mlflow.runName``.
Lost: nothing.
Source: observed on 1.28.0 and 1.30.1.
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import answers, jsontext, run_names
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_SINCE = Version(1, 30)


def _fill(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    content = jsontext.read_answer(answer)
    if content is None:
        return answer
    filled = [run_names.fill(run) for run in answers.each(content, "run")]
    return jsontext.with_body(answer, content) if any(filled) else answer


CHANGE = VersionChange(
    name="fill_run_name_from_tag",
    operations=frozenset({"CreateRun", "GetRun", "SearchRuns"}),
    servers=(None, before(Version(1, 29))),
    clients=(_SINCE, None),
    looks_inside=False,
    response=_fill,
)
