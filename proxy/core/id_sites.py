"""Visiting ids where they sit: tokens anywhere, numbers only at the sites that the catalogue names."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from proxy.core import json_sites
from proxy.core.endpoints.spec import Sites, VersionSite

Ref = tuple[str, str]
"""``(kind, id)`` with kind ``token``, ``experiment`` or ``model_version`` (id ``NAME/NUMBER``)."""

Visit = Callable[[Ref], "str | None"]
"""Called with each id at a number site; returns what to put there, None to leave it."""

TOKEN, EXPERIMENT, MODEL_VERSION = "token", "experiment", "model_version"

PROMPT_TAG = "_mlflow_experiment_ids"
"""The tag that lists the experiments a prompt belongs to, as ``",2,7,"``."""

_HEX = re.compile(rb"[0-9a-f]{32}(?:(?<![0-9A-Za-z][0-9a-f]{32})|(?<=\\[bfnrt][0-9a-f]{32}))(?![0-9A-Za-z])")
"""The digits of a token. Nothing alphanumeric stands before them, but for the letter of a JSON escape (backslash, n).
What comes before is looked at last, because a search for digits alone is twice as fast."""

_PREFIX = re.compile(rb"(?:(?<![0-9A-Za-z\\])|(?<=\\[bfnrt]))[a-z]{1,3}-\Z")
_LONGEST_PREFIX = 4
_LONGEST_ESCAPE = 2
_ARTIFACT_PATH = re.compile(r"^((?:workspaces/[^/]+/)?)(\d+)(?=/|$)")


def tokens_in(data: bytes) -> set[Ref]:
    """Every id token in the bytes, with and (where it has one) without its prefix."""
    found: set[Ref] = set()
    for digits in _HEX.finditer(data):
        bare = digits[0].decode()
        found.add((TOKEN, bare))
        found.add((TOKEN, _prefix_before(data, digits.start()) + bare))
    return found


def rewrite_tokens(data: bytes, mapping: Mapping[Ref, str]) -> bytes:
    """Replace id tokens wherever they stand; the very same bytes when there is nothing to replace."""
    pieces: list[bytes] = []
    end = 0
    for digits in _HEX.finditer(data):
        start, bare = digits.start(), digits[0].decode()
        prefix = _prefix_before(data, start)
        other = mapping.get((TOKEN, prefix + bare))
        if other is not None:
            start -= len(prefix)
        elif prefix:
            other = mapping.get((TOKEN, bare))
        if other is not None:
            pieces += (data[end:start], other.encode())
            end = digits.end()
    return b"".join((*pieces, data[end:])) if pieces else data


def _prefix_before(data: bytes, start: int) -> str:
    """``m-`` and the like, empty when the digits at ``start`` have no prefix."""
    if data[start - 1 : start] != b"-":
        return ""
    found = _PREFIX.search(data[max(0, start - _LONGEST_PREFIX - _LONGEST_ESCAPE) : start])
    return found[0].decode() if found is not None else ""


def experiment_of(artifact_path: str) -> str | None:
    """The experiment id in ``[workspaces/WS/]EXPERIMENT/…``, None when the path does not begin with one."""
    found = _ARTIFACT_PATH.match(artifact_path)
    return found[2] if found is not None else None


def visit_params(params: Mapping[str, str], sites: Sites, visit: Visit) -> dict[str, str]:
    """The path parameters after visiting the numbers among them."""
    replaced = dict(params)
    for site in sites.experiments:
        name = site[1:-1]
        if site.startswith("{") and name in params:
            replaced[name] = visit((EXPERIMENT, params[name])) or params[name]
    name = sites.artifact_path.strip("{}")
    if name in params:
        replaced[name] = visit_artifact_path(params[name], visit)
    return replaced


def visit_artifact_path(path: str, visit: Visit) -> str:
    """The artifact path after visiting the experiment at its beginning."""
    found = _ARTIFACT_PATH.match(path)
    other = visit((EXPERIMENT, found[2])) if found is not None else None
    return path if found is None or other is None else found[1] + other + path[found.end() :]


def visit_document(document: Any, sites: Sites, visit: Visit, *, prompts: bool = False) -> bool:
    """Visit every number site of a parsed body or query; True when something was replaced (in place).

    ``prompts`` says that the prompt tag occurs, which may be anywhere, so that the whole document is walked for it.
    """
    changed = False
    for site in sites.experiments:
        for container, key in list(json_sites.holders(document, site)):
            changed |= _visit_experiment(container, key, visit)
    for pair in sites.versions:
        changed |= _visit_versions(document, pair, visit)
    for site in sites.page_tokens:
        for container, key in list(json_sites.holders(document, site)):
            changed |= _visit_page_token(container, key, visit)
    field = sites.artifact_path.strip("{}")
    if field and isinstance(document, dict) and isinstance(document.get(field), str):
        path = visit_artifact_path(document[field], visit)
        changed |= path != document[field]
        document[field] = path
    for container, key in list(json_sites.holders(document, "**.key")) if prompts else ():
        if container[key] == PROMPT_TAG and isinstance(container.get("value"), str):
            parts = [(visit((EXPERIMENT, part)) or part) if part else part for part in container["value"].split(",")]
            changed |= ",".join(parts) != container["value"]
            container["value"] = ",".join(parts)
    return changed


def _visit_experiment(container: Any, key: Any, visit: Visit) -> bool:
    value = container[key]
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return False
    other = visit((EXPERIMENT, str(value)))
    if other is None:
        return False
    container[key] = int(other) if isinstance(value, int) else other
    return True


def _visit_versions(document: Any, site: VersionSite, visit: Visit) -> bool:
    """Version numbers count under a name that stands in the same or an enclosing object."""
    enclosing, _, name_key = site.name.rpartition(".")
    inside = site.version[len(enclosing) :].lstrip(".")
    roots = json_sites.values(document, enclosing) if enclosing else iter((document,))
    changed = False
    for root in list(roots):
        name = root.get(name_key) if isinstance(root, dict) else None
        if not isinstance(name, str):
            continue
        for container, key in list(json_sites.holders(root, inside)):
            other = visit((MODEL_VERSION, f"{name}/{container[key]}"))
            if other is not None:
                number = other.rpartition("/")[2]
                container[key] = int(number) if isinstance(container[key], int) else number
                changed = True
    return changed


def _visit_page_token(container: Any, key: Any, visit: Visit) -> bool:
    """Page tokens of logged-models/search: base64 JSON ``{"experiment_ids": […], "filter_string": …, "offset": N}``."""
    try:
        inner = json.loads(base64.b64decode(str(container[key]), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return False
    if not isinstance(inner, dict):
        return False
    changed = False
    for inner_container, inner_key in list(json_sites.holders(inner, "experiment_ids[]")):
        changed |= _visit_experiment(inner_container, inner_key, visit)
    text = str(inner.get("filter_string") or "")
    mapping = {
        ref: other for ref in tokens_in(text.encode("utf-8", "surrogatepass")) if (other := visit(ref)) is not None
    }
    if mapping:
        inner["filter_string"] = rewrite_tokens(text.encode("utf-8", "surrogatepass"), mapping).decode(
            "utf-8", "surrogatepass"
        )
        changed = True
    if changed:
        container[key] = base64.b64encode(json.dumps(inner).encode()).decode()
    return changed
