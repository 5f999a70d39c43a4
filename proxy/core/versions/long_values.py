"""Values of params and tags that are longer than an old server takes.

The server gets the beginning of such a value with a mark at its end, ``... [tightrope 0123456789abcdef]``, and the
whole text goes into a note (see ``notes``) whose name is the mark's: both are made of the text alone. So the rules of
the server hold for the whole text as they hold for what it stores (a param logged twice with the same text is fine,
with another text it is refused), a text is stored once however many tags have it, and a note left behind by a value
that is no more says nothing. Notes are written first: a value never stands there without its rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import jsontext, notes
from proxy.core.versions.change import Call, Condition, Dialects, Recipe

Tag = dict[str, Any]

# Per kind, since when servers take how many characters, and whether they cut what is longer or refuse it.
_Limits = tuple[tuple[Version, int, bool], ...]
PARAM: _Limits = (
    (Version(0, 0), 250, False),
    (Version(1, 28), 500, False),
    (Version(2, 9), 6000, False),
    (Version(2, 14), 6000, True),
)
RUN_TAG: _Limits = ((Version(0, 0), 5000, False), (Version(2, 14), 5000, True), (Version(2, 17), 8000, True))
EXPERIMENT_TAG: _Limits = ((Version(0, 0), 5000, False), (Version(3, 17), 20_000, False))
REGISTRY_TAG: _Limits = ((Version(0, 0), 5000, False), (Version(3, 0), 100_000, False))

_MARK = re.compile(r"\.\.\. \[tightrope ([0-9a-f]{16})\]\Z")
_IN_BODY = b"... [tightrope "


def fit(text: Any, limits: _Limits, dialects: Dialects) -> tuple[Any, list[Tag]]:
    """What the server stores of a value, and the tags that hold the whole; the value itself where nothing is to do.

    Nothing is to do where it is short enough, or longer than the client's own servers would take: it is refused then.
    """
    room, _ = _limit(limits, dialects.server)
    if not isinstance(text, str) or len(text) <= room or dialects.client is None:
        return text, []
    allowed, cuts = _limit(limits, dialects.client)
    if len(text) > allowed:
        if not cuts:
            return text, []
        text = text[:allowed]
    if len(text) <= room:
        return text, []
    name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    mark = f"... [tightrope {name}]"
    return text[: room - len(mark)] + mark, notes.write(_note(name), text)


def fit_all(entries: Any, limits: _Limits, dialects: Dialects) -> tuple[Any, list[Tag]]:
    """The same for a list of ``{"key", "value"}``; the very list where nothing is to do."""
    if not isinstance(entries, list):
        return entries, []
    fitted: list[Any] = []
    kept: dict[str, Tag] = {}
    changed = False
    for entry in entries:
        value, tags = fit(entry.get("value"), limits, dialects) if isinstance(entry, dict) else (None, [])
        kept.update((tag["key"], tag) for tag in tags)
        if tags or (isinstance(entry, dict) and value is not entry.get("value")):
            changed = True
            fitted.append({**entry, "value": value})
        else:
            fitted.append(entry)
    return (fitted, list(kept.values())) if changed else (entries, [])


def keeping(limits: _Limits) -> tuple[Condition, Recipe]:
    """``applies`` and ``recipe`` of a change that keeps long tags of one kind of object.

    A create carries what is kept along with its tags; for a tag that is set alone it is set before.
    """

    def applies(call: Call, dialects: Dialects) -> bool:
        given = call.arguments
        if _creates(call):
            return fit_all(given.get("tags"), limits, dialects)[0] is not given.get("tags")
        return fit(given.get("value"), limits, dialects)[0] is not given.get("value")

    def keep(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
        given = call.arguments
        if _creates(call):
            tags, kept = fit_all(given["tags"], limits, dialects)
            answer = yield Call(call.operation, {**given, "tags": [*tags, *kept]}, call.known_as)
            return show(answer, call, dialects)
        value, kept = fit(given["value"], limits, dialects)
        for tag in kept:
            answer = yield Call(call.operation, {**given, **tag})
            if not answer.ok:
                return answer
        return (yield Call(call.operation, {**given, "value": value}))

    return applies, keep


def _creates(call: Call) -> bool:
    return call.operation.startswith("Create")


def show(answer: Response, _call: Call, _dialects: Dialects) -> Response:
    """The response part of the changes that show what was kept.

    What a create answers is shown by the change that keeps: nothing may have been emulated on the server before it.
    """
    content = jsontext.read_answer(answer) if _IN_BODY in answer.body else None
    return answer if content is None else jsontext.with_body(answer, restored(content))


def restored(document: Any) -> Any:
    """The document with whole values in all its lists of tags and params."""
    if isinstance(document, list):
        return [restored(item) for item in document]
    if not isinstance(document, dict):
        return document
    tags = document.get("tags")
    values = notes.as_map(tags) if isinstance(tags, list) else {}
    return {
        name: _restored_entries(value, values) if name in {"tags", "params"} and values else restored(value)
        for name, value in document.items()
    }


def _restored_entries(entries: Any, values: Mapping[str, str]) -> Any:
    if not isinstance(entries, list):
        return entries
    return [_restored_entry(entry, values) for entry in entries]


def _restored_entry(entry: Any, values: Mapping[str, str]) -> Any:
    value = entry.get("value") if isinstance(entry, dict) else None
    found = _MARK.search(value) if isinstance(value, str) else None
    whole = notes.read(values, _note(found[1])) if found is not None else None
    if found is None or whole is None or not isinstance(value, str) or not whole.startswith(value[: found.start()]):
        return entry
    return {**entry, "value": whole}


def _note(name: str) -> str:
    return f"long.{name}"


def _limit(limits: _Limits, version: Version) -> tuple[int, bool]:
    return [(length, cuts) for since, length, cuts in limits if since <= version][-1]
