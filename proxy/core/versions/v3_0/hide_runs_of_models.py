"""Runs that were made for logged models without a run are not shown to clients that know such models.

Why: ``keep_models_on_runs`` makes one, so that clients before 3.0 find the model where they look for models. A client
from 3.0 on would find a run among its runs that nobody started. Whoever knows its id can still read it.
Lost: nothing; a page is filled from the next ones.
Source: ``runs/search`` of 3.17.2 after ``create_external_model`` without a run.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from proxy.core.json_sites import maps_in
from proxy.core.messages import Response
from proxy.core.versions import answers, jsontext, pages
from proxy.core.versions.change import Call, Dialects, VersionChange, before
from proxy.core.versions.logged_models import MARK, SINCE, models_of

_MARK = MARK.encode()


def _search(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    first = answer = yield call
    content = answers.success(answer) if _MARK in answer.body else None
    if content is None:
        return answer
    kept, missing = _split(content)
    if not missing:
        return answer
    seen: set[str] = set()
    token = pages.following(content, seen)
    while missing and token:
        answer = yield Call(call.operation, {**call.arguments, "max_results": missing, "page_token": token})
        page = answers.success(answer)
        if page is None:
            return answer
        more, missing = _split(page)
        kept += more
        token = pages.following(page, seen)
    rest = {name: value for name, value in content.items() if name not in {"runs", "next_page_token"}}
    return jsontext.with_body(first, {**rest, "runs": kept, **({"next_page_token": token} if token else {})})


def _split(page: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """The runs to show, and how many are not."""
    runs = maps_in(page.get("runs"))
    kept = [run for run in runs if not any(model.run_made_for_it for model in models_of(run))]
    return kept, len(runs) - len(kept)


CHANGE = VersionChange(
    name="hide_runs_of_models",
    operations=frozenset({"SearchRuns"}),
    servers=(None, before(SINCE)),
    clients=(SINCE, None),
    reveals=True,
    recipe=_search,
)
