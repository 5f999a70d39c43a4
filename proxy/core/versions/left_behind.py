"""What an emulation left on a server that has the feature by now.

A server that is upgraded in place keeps the hidden tags that stood for logged models, aliases and the like, and so
does one that was made from a copy of its database. There the server is asked first; what it does not know is looked
for among the notes, for clients of its own version as well. Where nothing was emulated nobody looks.
"""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.outcomes import is_absent
from proxy.core.versions.change import Call, Dialects, Recipe


def server_first(recipe: Recipe) -> Recipe:
    """The recipe of an emulation, for what the server does not have; its own answer counts unless a note says more."""

    def do(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
        answer = yield call
        if not is_absent(answer):
            return answer
        noted = yield from recipe(call, dialects)
        return answer if is_absent(noted) else noted

    return do
