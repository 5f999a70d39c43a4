"""What the two searches of the model registry have in common.

Prompts are registered models with a tag, and clients since 2.21 add "no prompts" (``tag.`mlflow.prompt.is_prompt` !=
'true'``) to every search. Servers that know prompts take a missing tag for ``'false'``; older ones take the clause to
mean "has the tag, with another value", which hides every ordinary model, so there it is evaluated on our side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import filters, mlflow_errors, prompts
from proxy.core.versions.change import Call, before
from proxy.core.versions.evaluate import EQUALITY, NULLS, STRINGS
from proxy.core.versions.filters import FilterSyntaxError
from proxy.core.versions.search_kinds import Rule, since, tag_values

ONE_CLAUSE = (None, before(Version(1, 28)))
"""Servers before 1.28 take one clause, about an attribute."""

NO_PROMPTS = f"tags.`{prompts.TAG}` != 'true'"

TAGS = (
    Rule("tag", frozenset({prompts.TAG}), frozenset({"="}), since(1, 28), value="true"),
    Rule("tag", frozenset({prompts.TAG}), STRINGS - EQUALITY, since(1, 28)),
    Rule("tag", frozenset({prompts.TAG}), EQUALITY, since(2, 21)),
    Rule("tag", frozenset(), STRINGS, since(1, 28)),
)


def tags_of(entity: Mapping[str, Any], key: str) -> list[str]:
    """The tag of a registered model or version; a missing prompt tag counts as ``false``."""
    return tag_values(entity, key) or (["false"] if key == prompts.TAG else [])


def refusal(call: Call) -> Response | None:
    """The answer to a search by ``IS NULL``: no version's registry has it, and some say 500, which is retried."""
    text = call.arguments.get("filter")
    try:
        parts = filters.clauses(text) if isinstance(text, str) else ()
    except FilterSyntaxError:
        return None
    missing = next((part.text for part in parts if part.comparator in NULLS), None)
    return mlflow_errors.invalid(f"Invalid clause(s) in filter string: {missing}") if missing is not None else None
