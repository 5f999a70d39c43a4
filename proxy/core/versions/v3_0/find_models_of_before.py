"""Logged models that were kept in notes are found on the same server after its upgrade.

Why: on servers before 3.0 they are notes on runs (``keep_models_on_runs``). The upgraded server knows none of them, and
neither does one that was made from a copy of its database. What it does not have is looked for in the notes; a search
puts both together.
Lost: metrics that are logged for such a model after the upgrade are refused by the server.
Source: observed on databases of 2.22.4 upgraded to 3.17.2.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from proxy.core.json_sites import as_list, as_map, maps_in
from proxy.core.messages import Response
from proxy.core.outcomes import is_absent
from proxy.core.versions import answers, jsontext, mlflow_errors, pages
from proxy.core.versions.change import Call, Dialects, Recipe, VersionChange, by_operation
from proxy.core.versions.left_behind import server_first
from proxy.core.versions.logged_models import SINCE, is_model_id
from proxy.core.versions.model_search import CannotSearchError, ordered, page
from proxy.core.versions.v3_0 import change_models_on_runs, read_models_from_runs, register_models_of_runs

_SEARCH, _REGISTER = "SearchLoggedModels", "CreateModelVersion"
_AT_ONCE = 1000


def _search(call: Call, _: Dialects) -> Generator[Call, Response, Response]:
    asked = call.arguments
    try:
        noted = yield from read_models_from_runs.noted(asked)
    except CannotSearchError:
        noted = []  # the server shall say what is wrong with it
    if isinstance(noted, Response) or not noted:
        return (yield call)
    own = yield from _own(call)
    if isinstance(own, Response):
        return own
    known = {model["info"].get("model_id") for model in own}
    both = own + [model for model in noted if model["info"]["model_id"] not in known]
    try:
        return jsontext.answer(page(ordered(both, as_list(asked.get("order_by"))), asked))
    except CannotSearchError as error:
        return mlflow_errors.invalid(str(error))


def _own(call: Call) -> Generator[Call, Response, list[Mapping[str, Any]] | Response]:
    """What the server itself finds, all pages of it."""
    arguments = {**call.arguments, "max_results": _AT_ONCE, "page_token": None}
    found: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    while True:
        wanted = {name: value for name, value in arguments.items() if value is not None}
        answer = yield Call(call.operation, wanted)
        content = answers.success(answer)
        if content is None:
            return answer
        models = maps_in(content.get("models"))
        found += [{**model, "data": as_map(model.get("data"))} for model in models if as_map(model.get("info"))]
        token = pages.following(content, seen)
        if not token:
            return found
        arguments["page_token"] = token


def _register(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
    """3.17 answers 500 for a source that it does not have, so it is asked for the model first."""
    model_id = register_models_of_runs.named_model(call)
    if is_absent((yield Call("GetLoggedModel", {"model_id": model_id}))):
        return (yield from register_models_of_runs.register(call, dialects))
    return (yield call)


_OTHERS = {**read_models_from_runs.RECIPES, **change_models_on_runs.RECIPES}
_RECIPES: Mapping[str, Recipe] = {
    **{name: server_first(recipe) for name, recipe in _OTHERS.items()},
    _REGISTER: _register,
    _SEARCH: _search,
}


def _applies(call: Call, _: Dialects) -> bool:
    if call.operation == _REGISTER:
        return register_models_of_runs.named_model(call) is not None
    return call.operation == _SEARCH or is_model_id(str(call.arguments.get("model_id")))


CHANGE = VersionChange(
    name="find_models_of_before",
    operations=frozenset(_RECIPES),
    servers=(SINCE, None),
    reveals=True,
    applies=_applies,
    when="the server does not know the logged model",
    recipe=by_operation(_RECIPES),
    emulates=True,
    lost="metrics that are logged for a model of before, after the upgrade",
)
