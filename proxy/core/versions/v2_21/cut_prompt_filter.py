"""Clients add "no prompts" (``tag.`mlflow.prompt.is_prompt` != 'true'``) to searches of the registry.

Why: servers up to 1.23 refuse the clause, and those of 1.28 to 2.20 take it to mean "has the tag, with another value",
which hides every ordinary model. The clause is cut out, and prompts are taken out of the answer. The opposite clause
(``= 'true'``) works on servers that know tag filters (1.28) and is cut for older ones only, keeping nothing but
prompts.
Lost: pages may hold fewer entries than asked for; their tokens stay valid.
Source: observed on 1.23.1, 1.28.0, 2.17.2 and 2.22.4.
"""

from __future__ import annotations

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version
from proxy.core.versions import filters, jsontext, prompts
from proxy.core.versions.change import Call, Dialects, VersionChange, before

_TAG_FILTERS = Version(1, 28)


def _cut(call: Call, dialects: Dialects) -> Call:
    parts = _clauses(call)
    kept = [part for part in parts if not _concerned(part, dialects.server)]
    if len(kept) == len(parts):
        return call
    arguments = {name: value for name, value in call.arguments.items() if name != "filter"}
    if kept:
        arguments["filter"] = filters.join(kept)
    return Call(call.operation, arguments)


def _drop(answer: Response, call: Call, dialects: Dialects) -> Response:
    cut = {part.comparator for part in _clauses(call) if _concerned(part, dialects.server)}
    content = jsontext.read_answer(answer) if cut else None
    if content is None:
        return answer
    changed = {
        field: kept
        for field in ("registered_models", "model_versions")
        if isinstance(found := content.get(field), list)
        and len(kept := [each for each in found if all(prompts.is_prompt(each) is (mark == "=") for mark in cut)])
        < len(found)
    }
    return jsontext.with_body(answer, {**content, **changed}) if changed else answer


def _clauses(call: Call) -> tuple[filters.Clause, ...]:
    text = call.arguments.get("filter")
    try:
        return filters.clauses(text) if isinstance(text, str) else ()
    except filters.FilterSyntaxError:
        return ()


def _concerned(part: filters.Clause, server: Version) -> bool:
    return (
        part.identifier.entity.lower() in {"tag", "tags"}
        and part.identifier.key == prompts.TAG
        and filters.unquoted(part.value).lower() == "true"
        and (part.comparator == "!=" or (part.comparator == "=" and server < _TAG_FILTERS))
    )


CHANGE = VersionChange(
    name="cut_prompt_filter",
    operations=frozenset({"SearchRegisteredModels", "SearchModelVersions"}),
    servers=(None, before(Version(2, 21))),
    request=_cut,
    response=_drop,
    lost="pages can be shorter than asked for",
)
