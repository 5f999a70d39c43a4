"""Clients look for logged models wherever they list or load artifacts of a run.

Why: ``list_artifacts`` of a 3.x client fails when ``logged-models/search`` is not there. A server before 3.0 holds no
logged models, so the truthful answer is that none was found, and no server need be asked.
Lost: nothing that the server has.
Source: observed with a 3.17.2 client on 1.30.1 and 2.22.4.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _none_found(_call: Call, _dialects: Dialects) -> Generator[Call, Response, Response]:
    yield from ()
    return jsontext.answer({"models": []})


CHANGE = VersionChange(
    name="answer_logged_model_search",
    operations=frozenset({"SearchLoggedModels"}),
    servers=(None, before(Version(3, 0))),
    recipe=_none_found,
)
