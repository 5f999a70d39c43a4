"""Aliases as notes: how those of a registered model are kept where the server knows none.

The alias ``champion`` of version 3 is the note ``alias.champion`` with the text ``3`` on the registered model, so one
write moves it and a renamed model keeps it. A version that has, or once had, an alias is marked, so that versions
without any cost no further look at their model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proxy.core.versions import answers, notes
from proxy.core.versions.change import Call

ON_MODEL = "alias."
ON_VERSION = "aliased"

_ALLOWED = re.compile(r"[\w\-]+")
_VERSION = re.compile(r"[vV]\d+")
_LONGEST = 220
"""MLflow takes 255; tag keys of the servers concerned end at 250, and ours begin with a prefix."""


def problem(alias: Any) -> str:
    """What MLflow says against an alias' name; empty when it may be used."""
    if not isinstance(alias, str) or not alias:
        return "Registered model alias name cannot be empty."
    if not _ALLOWED.fullmatch(alias):
        return f"Invalid alias name: '{alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-)."
    if len(alias) > _LONGEST:
        return (
            f"Registered model alias name '{alias}' had length {len(alias)}, which exceeded length limit of {_LONGEST}"
        )
    if alias.lower() == "latest":
        return "'latest' alias name (case insensitive) is reserved."
    if _VERSION.fullmatch(alias):
        return f"Version alias name '{alias}' is reserved."
    return ""


def of_model(model: Any) -> dict[str, str]:
    """Alias -> version number, of a registered model as the server gave it, in order of the names."""
    return dict(sorted(notes.read_all(answers.tags_of(model), ON_MODEL).items()))


def marked(version: Any) -> bool:
    """Whether a model version has, or once had, an alias."""
    return notes.read(answers.tags_of(version), ON_VERSION) is not None


def show_on_model(model: Any) -> bool:
    """Put the noted aliases of a registered model where clients look for them; False when it has none.

    A server that has aliases by now has the last word on those that it knows.
    """
    found = of_model(model)
    if found:
        own = model.get("aliases") or []
        known = {each.get("alias") for each in own}
        more = ({"alias": alias, "version": version} for alias, version in found.items() if alias not in known)
        model["aliases"] = [*own, *more]
    return bool(found)


def show_on_version(version: dict[str, Any], known: Mapping[str, str]) -> bool:
    """The same for a version of a model with the aliases ``known``."""
    number = str(version.get("version"))
    noted = [alias for alias, aliased in known.items() if aliased == number]
    version["aliases"] = list(dict.fromkeys([*(version.get("aliases") or []), *noted]))
    return bool(version["aliases"])


def forget(model: str, alias: str) -> Call:
    """The call that drops an alias; its note is short, so it is a single tag."""
    key = notes.write(ON_MODEL + alias, "")[0]["key"]
    return Call("DeleteRegisteredModelTag", {"name": model, "key": key})
