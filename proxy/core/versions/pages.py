"""Following pages on behalf of a client that expects everything at once."""

from __future__ import annotations

from collections.abc import Generator

from proxy.core.messages import Response
from proxy.core.versions import jsontext
from proxy.core.versions.change import Call


def follow(call: Call, field: str, page_size: int) -> Generator[Call, Response, Response]:
    """Ask for page after page of ``call`` and answer the list ``field`` in one piece, without a page token.

    Starts at the call's own ``page_token`` if it has one. The first answer that is no success is the answer of the
    whole. A token that repeats ends the loop: a server that ignores tokens would be asked for ever.
    """
    merged: list[object] = []
    seen: set[str] = set()
    arguments = {**call.arguments, "max_results": page_size}
    while True:
        answer = yield Call(call.operation, arguments)
        content = jsontext.read_answer(answer)
        if not answer.ok or content is None:
            return answer
        found = content.get(field)
        merged.extend(found if isinstance(found, list) else [])
        token = content.get("next_page_token")
        if not isinstance(token, str) or not token or token in seen:
            content.pop("next_page_token", None)
            return jsontext.with_body(answer, {**content, field: merged})
        seen.add(token)
        arguments = {**arguments, "page_token": token}
