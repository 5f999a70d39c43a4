"""Turn pydantic's findings into lines for people: where, what is wrong, what was given, what is allowed.

mirror.concurency: unknown key; did you mean 'concurrency'?
phase: got 'mirorring', allowed are 'blue_only', 'recording', ...; did you mean 'mirroring'?
blue.url (from TIGHTROPE_BLUE__URL): got 'blue:5001'; must be a URL that begins with http:// or https:// ...
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, TypeGuard, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from proxy.config.models import Settings

SECRET_KEYS = frozenset({"password", "token"})
_CREDENTIALS = re.compile(r"//[^/@\s]*@")
_LONGEST_SHOWN = 80


def describe(error: ValidationError, origins: Mapping[str, str]) -> list[str]:
    """One line per problem, in the order of the sections.

    Args:
        error: what pydantic found.
        origins: settings that came from the environment, path -> variable.
    """
    return [_line(found, origins) for found in error.errors(include_url=False)]


def _line(found: ErrorDetails, origins: Mapping[str, str]) -> str:
    path = ".".join(str(part) for part in found["loc"])
    where = f"{path} (from {origins[path]})" if path in origins else path
    return f"{where}: {_text(found, path)}"


def _text(found: ErrorDetails, path: str) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind == "extra_forbidden":
        *parents, key = (str(part) for part in found["loc"])
        keys = _keys_at(parents)
        return f"unknown key{_suggest(key, keys) or '; known keys here: ' + ', '.join(keys)}"
    if kind == "missing":
        return "is required"
    if kind in {"enum", "literal_error"}:
        allowed = _allowed(found)
        return f"got {_shown(found, path)}, allowed: {', '.join(allowed)}{_suggest(str(found['input']), allowed)}"
    if kind in {"model_type", "model_attributes_type"}:
        return f"must be a section with keys of its own, not {type(found['input']).__name__}"
    if kind == "value_error":
        message = str(context["error"])
        return (
            message if isinstance(found["input"], dict | BaseModel | None) else f"got {_shown(found, path)}; {message}"
        )
    message = found["msg"].replace("Input should be", "must be")
    return f"got {_shown(found, path)}; {message}"


def _shown(found: ErrorDetails, path: str) -> str:
    """The value as given, never a secret and never long."""
    if path.rpartition(".")[2] in SECRET_KEYS:
        return "(a secret)"
    value: Any = found["input"]
    text = _CREDENTIALS.sub("//***@", repr(value.value if isinstance(value, Enum) else value))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def _allowed(found: ErrorDetails) -> list[str]:
    """The values of an enum or a literal; pydantic hands them over as the text ``'a', 'b' or 'c'``."""
    return re.findall(r"'([^']*)'", str(found.get("ctx", {}).get("expected", "")))


def _suggest(given: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(given.lower(), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _keys_at(parents: Iterable[str]) -> list[str]:
    """The keys that the section at ``parents`` knows."""
    model: type[BaseModel] = Settings
    for parent in parents:
        model = section_model(model.model_fields[parent].annotation)  # pydantic reports known parents only
    return list(model.model_fields)


def section_model(annotation: Any) -> type[BaseModel]:
    """The model of a section whose annotation is ``Model`` or ``Model | None``."""
    return next(kind for kind in (annotation, *get_args(annotation)) if _is_model(kind))


def _is_model(kind: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
