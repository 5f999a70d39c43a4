"""Tags of ours on the servers' objects. They never reach a client.

Whatever Tightrope has to remember about an object stands on the object itself, in tags under one prefix, so that it is
there after a lost state file and for every replica: which public id an object has, and what stands for a feature that
the server lacks (an alias, a deleted tag, a logged model).
"""

from __future__ import annotations

from typing import Any

from proxy.core.idmap import parse_json
from proxy.core.messages import Request, Response

PREFIX = "mlflow.tightrope."

PUBLIC_ID_TAG = f"{PREFIX}publicId"
"""On every object that the mirror creates. By it a create repeated after a crash finds its twin, and the id map can be
rebuilt from the following side alone."""

_BYTES = PREFIX.encode()


def public_id_value(public_id: str) -> str:
    """The tag's value: the id with letters glued to its front, so that rewriting of ids never touches it."""
    return f"id{public_id.replace('/', ' ')}"


def public_id_in(value: str) -> str:
    """The public id that a value made by ``public_id_value`` holds."""
    return value.removeprefix("id")


def visible_tags(tags: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tags without ours."""
    return [tag for tag in tags if not str(tag.get("key", "")).startswith(PREFIX)]


def mentioned(message: Request | Response) -> bool:
    """Whether a body carries one of our tags (cheap; decides whether it is parsed at all)."""
    return _BYTES in message.body


def stripped(answer: Response) -> Response:
    """The answer without our tags; the very same one when it has none."""
    if not mentioned(answer):
        return answer
    found = parse_json(answer.body)
    if found is None:
        return answer
    document, dump = found
    return Response(answer.status, answer.headers, dump(strip_hidden(document)))


def strip_hidden(document: Any) -> Any:
    """The document without our tags, at any depth: both ``[{key, value}]`` lists and ``{key: value}`` maps."""
    if isinstance(document, dict):
        return {key: strip_hidden(value) for key, value in document.items() if not str(key).startswith(PREFIX)}
    if isinstance(document, list):
        return [strip_hidden(item) for item in document if not _is_hidden_tag(item)]
    return document


def _is_hidden_tag(item: Any) -> bool:
    return isinstance(item, dict) and str(item.get("key", "")).startswith(PREFIX)
