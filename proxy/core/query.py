"""Query strings as documents and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode


def fields_of(query: str) -> dict[str, Any]:
    """``"a=1&b=2&b=3"`` -> ``{"a": "1", "b": ["2", "3"]}``; blank values are kept.

    Bytes that are not UTF-8 become lone surrogates, which :func:`with_fields` turns back into those bytes.
    """
    fields: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape"):
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields


def with_fields(fields: Mapping[str, Any]) -> str:
    """A document as a query string: lists repeat the name, booleans are ``true``/``false``, None is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        for item in value if isinstance(value, (list, tuple)) else (value,):
            if item is None:
                continue
            pairs.append((name, ("true" if item else "false") if isinstance(item, bool) else str(item)))
    return urlencode(pairs, errors="surrogateescape")
