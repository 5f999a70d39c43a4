"""Notes: what an emulation has to remember about an object, kept in hidden tags on the object itself.

A note is a text of any length under a name. Tag values are limited (5000 characters on servers up to 2.14), so a long
note lies in several tags: ``mlflow.tightrope.NAME`` begins with the number of pieces, and the others are in
``mlflow.tightrope.piece1.NAME`` and so on. A note that became shorter leaves pieces behind, which nobody reads.

Names must be made of what servers allow in tag keys: letters, digits, ``_-. /``, at most 200 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from proxy.core.hidden_tags import PREFIX

PIECE = 4000
"""Characters per tag; the lowest limit for values of tags set one by one, from 1.10 on, is 5000."""

_DIGITS = 6
"""Of the number of pieces, at most."""

Tag = dict[str, Any]


def write(name: str, text: str, *, piece: int = PIECE) -> list[Tag]:
    """The tags that hold a note, as ``[{"key", "value"}]``; setting them replaces the note.

    ``piece``: characters per tag where fewer than usual come back whole.
    """
    pieces = [text[start : start + piece] for start in range(0, len(text), piece)] or [""]
    tags = [{"key": f"{PREFIX}{name}", "value": f"{len(pieces)} {pieces[0]}"}]
    return tags + [{"key": _piece(name, number), "value": piece} for number, piece in enumerate(pieces[1:], 1)]


def read(tags: Iterable[Any], name: str) -> str | None:
    """A note from an object's tags (``[{"key", "value"}]``); None when it is not there or not whole."""
    return _joined(as_map(tags), name)


def read_all(tags: Iterable[Any], prefix: str) -> dict[str, str]:
    """All notes whose names begin with ``prefix``: the rest of the name -> the text."""
    values = as_map(tags)
    start = f"{PREFIX}{prefix}"
    found = {}
    for key in values:
        if key.startswith(start) and (text := _joined(values, key.removeprefix(PREFIX))) is not None:
            found[key.removeprefix(start)] = text
    return found


def keys(tags: Iterable[Any], name: str) -> list[str]:
    """The keys of the tags that hold a note, its head first; for deleting it."""
    values, found = as_map(tags), [f"{PREFIX}{name}"]
    while _piece(name, len(found)) in values:
        found.append(_piece(name, len(found)))
    return [key for key in found if key in values]


def as_map(tags: Any) -> dict[str, str]:
    """``[{"key": k, "value": v}]`` as ``{k: v}``; whatever has not that form is left out. A mapping stays one."""
    if isinstance(tags, Mapping):
        return {str(key): str(value) for key, value in tags.items()}
    if not isinstance(tags, Iterable):
        return {}
    return {str(tag["key"]): str(tag.get("value", "")) for tag in tags if isinstance(tag, dict) and "key" in tag}


def _piece(name: str, number: int) -> str:
    return f"{PREFIX}piece{number}.{name}"


def _joined(values: Mapping[str, str], name: str) -> str | None:
    count, space, first = values.get(f"{PREFIX}{name}", "").partition(" ")
    pieces = [first]
    if not space or not count.isdecimal() or len(count) > _DIGITS:
        return None
    for number in range(1, int(count)):
        piece = values.get(_piece(name, number))
        if piece is None:
            return None
        pieces.append(piece)
    return "".join(pieces)
