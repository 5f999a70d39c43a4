"""Following pages on behalf of a client that expects everything at once."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.json_sites import as_list
from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext
from proxy.core.versions.change import Call


def follow(call: Call, field: str, page_size: int) -> Generator[Call, Response, Response]:
    """Ask for page after page of ``call`` and answer the list ``field`` in one piece, without a page token.

    Starts at the call's own ``page_token`` if it has one. The first answer that is no success is the answer of the
    whole.
    """
    merged: list[object] = []
    seen: set[str] = set()
    arguments = {**call.arguments, "max_results": page_size}
    while True:
        answer = yield Call(call.operation, arguments)
        content = answers.success(answer)
        if content is None:
            return answer
        merged += as_list(content.get(field))
        token = following(content, seen)
        if not token:
            content.pop("next_page_token", None)
            return jsontext.with_body(answer, {**content, field: merged})
        arguments = {**arguments, "page_token": token}


def following(content: Mapping[str, Any], seen: set[str]) -> str:
    """The token of the page after this one, empty at the end.

    One that was ``seen`` before is the end as well: a server that ignores tokens would be asked for ever.
    """
    token = content.get("next_page_token")
    if not isinstance(token, str) or token in seen:
        return ""
    seen.add(token)
    return token
