"""A copied model version is shown with the version that it was copied from.

Why: ``resolve_copied_source`` gives servers before 2.9 the place of the files instead, and notes what was asked for.
Clients of every version see that, as they would on a newer server; what they download by is the place.
Lost: nothing.
Source: answers of ``model-versions/get`` of 2.9.2 and 3.17.2 for a copied version.
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, model_versions, notes
from proxy.core.versions.change import Call, Dialects, VersionChange, before

NOTE = "copiedFrom"
"""Note on a model version: its source as it was asked for."""

_KEY = notes.write(NOTE, "")[0]["key"].encode()


def _show(answer: Response, _call: Call, _: Dialects) -> Response:
    content = jsontext.read_answer(answer) if _KEY in answer.body else None
    found = list(model_versions.noted(content, NOTE))
    for version, source in found:
        version["source"] = source
    return jsontext.with_body(answer, content) if found else answer


CHANGE = VersionChange(
    name="show_copied_source",
    operations=model_versions.SHOWN_BY,
    servers=(None, before(Version(2, 9))),
    reveals=True,
    looks_inside=False,
    response=_show,
)
