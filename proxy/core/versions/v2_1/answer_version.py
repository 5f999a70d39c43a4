"""``/version`` tells the server's version.

Why: clients since 3.6 ask before they send spans, and choose a way that the server has. The answer is the version of
the server behind us, never ours: it makes the client choose what that server can do.
Lost: nothing.
Source: observed on 2.1.1 to 3.17.2 (plain text under the content type of a page).
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects, VersionChange, before


def _tell(_call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    yield from ()
    return Response(200, (("content-type", "text/plain; charset=utf-8"),), str(dialects.server).encode())


CHANGE = VersionChange(
    name="answer_version",
    operations=frozenset({"GetVersion"}),
    servers=(None, before(Version(2, 1))),
    recipe=_tell,
)
