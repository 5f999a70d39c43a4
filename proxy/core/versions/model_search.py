"""Which logged models a search finds, in which order, page by page: on a list, for servers that cannot search them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from proxy.core.json_sites import integer
from proxy.core.versions import page_tokens
from proxy.core.versions.evaluate import COMPARE
from proxy.core.versions.filters import Clause, FilterSyntaxError, clauses, unquoted
from proxy.core.versions.logged_models import status_named
from proxy.core.versions.wildcards import like

Document = Mapping[str, Any]
"""A logged model as servers describe it, see ``logged_models.document``."""

PAGE = 100
"""Models per page when the client does not say, as MLflow has it."""

_LARGEST_PAGE = 50_000
_TEXTS = {name: name for name in ("name", "model_id", "model_type", "status", "source_run_id")} | {
    "experiment_id": "experiment_id",
    "artifact_location": "artifact_uri",
}
_NUMBERS = {
    "creation_time": "creation_timestamp_ms",
    "creation_timestamp": "creation_timestamp_ms",
    "creation_timestamp_ms": "creation_timestamp_ms",
    "last_updated_time": "last_updated_timestamp_ms",
    "last_updated_timestamp": "last_updated_timestamp_ms",
    "last_updated_timestamp_ms": "last_updated_timestamp_ms",
}
_ATTRIBUTES = {"", "attributes", "attribute", "attr"}
_STATUS_PREFIXES = ("LOGGED_MODEL_UPLOAD_", "LOGGED_MODEL_STATUS_", "LOGGED_MODEL_")
_IN_LIST = re.compile(r"'(?:''|[^'])*'|\"(?:\"\"|[^\"])*\"")


class CannotSearchError(ValueError):
    """A clause, an order or a page token that makes no sense here; the message is for the client."""


def matching(models: Sequence[Document], text: str, datasets: Sequence[Any] = ()) -> list[Document]:
    """The models that a filter such as ``name = 'm' AND metrics.acc > 0.5`` finds.

    Args:
        models: where to look.
        text: the filter.
        datasets: ``[{"dataset_name", "dataset_digest"}]``; only metrics on one of them count, and a model needs one.

    Raises:
        CannotSearchError: it is no filter, or asks for what models do not have.
    """
    if not all(isinstance(each, Mapping) and each.get("dataset_name") for each in datasets):
        raise CannotSearchError("`dataset_name` in the `datasets` clause must be specified.")
    try:
        tests = [_test(clause, datasets) for clause in clauses(text)]
    except FilterSyntaxError as error:
        raise CannotSearchError(f"Invalid filter string: {text!r}. {error}") from error
    if datasets:
        tests.append(lambda model: any(_on_one(metric, datasets) for metric in model["data"].get("metrics") or []))
    return [model for model in models if all(test(model) for test in tests)]


def ordered(models: Sequence[Document], order_by: Sequence[Any]) -> list[Document]:
    """The models in the order asked for; then newest first, then by id, as every MLflow server breaks ties.

    Raises:
        CannotSearchError: an order by what is not kept.
    """
    keys = [_order(entry) for entry in order_by]
    result = sorted(models, key=lambda model: str(model["info"]["model_id"]))
    result.sort(key=lambda model: int(model["info"]["creation_timestamp_ms"]), reverse=True)
    for value_of, ascending in reversed(keys):
        result.sort(key=value_of, reverse=not ascending)
        result.sort(key=lambda model, value_of=value_of: not value_of(model)[0])  # type: ignore[misc]  # nothing is last
    return result


def page(models: Sequence[Document], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the search: one page and, where more follow, the token of the next.

    Tokens look as MLflow's own do, because ids in them are then mapped like in those.

    Raises:
        CannotSearchError: the token belongs to another search.
    """
    size = integer(asked.get("max_results") or PAGE)
    if size is None or not 0 < size <= _LARGEST_PAGE:
        raise CannotSearchError(f"Invalid value {asked.get('max_results')!r} for max_results")
    start = 0
    if asked.get("page_token"):
        found = page_tokens.read(asked["page_token"])
        offset = integer(found.get("offset") or 0) if found is not None else None
        if found is None or offset is None or offset < 0:
            raise CannotSearchError("Invalid page token")
        if any(found.get(name) != value for name, value in _request(asked).items()):
            raise CannotSearchError("The page token does not belong to this search")
        start = offset
    answer: dict[str, Any] = {"models": list(models[start : start + size])}
    if len(models) > start + size:
        answer["next_page_token"] = page_tokens.write({**_request(asked), "offset": start + size})
    return answer


def _request(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "experiment_ids": asked.get("experiment_ids") or [],
        "filter_string": asked.get("filter") or None,
        "order_by": asked.get("order_by") or None,
    }


def _order(entry: Any) -> tuple[Callable[[Document], tuple[bool, Any]], bool]:
    """What to sort by (whether the model has it, and the value), and whether upwards."""
    name = str(entry.get("field_name", "")).strip() if isinstance(entry, Mapping) else ""
    ascending = entry.get("ascending") is not False if isinstance(entry, Mapping) else True
    if name.startswith("metrics."):
        datasets = [entry] if entry.get("dataset_name") else []
        return (lambda model: _last_value(model, name.removeprefix("metrics."), datasets)), ascending
    field = _NUMBERS.get(name) or _TEXTS.get(name)
    if field is None:
        raise CannotSearchError(f"Invalid order by field name: {name!r}")
    return (lambda model: (bool(model["info"].get(field)), model["info"].get(field) or "")), ascending


def _last_value(model: Document, key: str, datasets: Sequence[Any]) -> tuple[bool, Any]:
    points = [metric for metric in model["data"].get("metrics") or [] if metric["key"] == key]
    points = [metric for metric in points if not datasets or _on_one(metric, datasets)]
    if not points:
        return False, 0.0
    newest = max(points, key=lambda metric: (integer(metric.get("timestamp")) or 0, integer(metric.get("step")) or 0))
    return True, float(newest["value"])


def _on_one(metric: Document, datasets: Sequence[Any]) -> bool:
    return any(
        metric.get("dataset_name") == each["dataset_name"]
        and each.get("dataset_digest") in (None, "", metric.get("dataset_digest"))
        for each in datasets
    )


def _test(clause: Clause, datasets: Sequence[Any]) -> Callable[[Document], bool]:
    entity, key = clause.identifier.entity, clause.identifier.key
    if entity in _ATTRIBUTES and key in _NUMBERS:
        field = _NUMBERS[key]
        is_so = _numeric(clause)
        return lambda model: is_so(int(model["info"].get(field) or 0))
    if entity in {"metrics", "metric"}:
        is_so = _numeric(clause)
        return lambda model: any(
            metric["key"] == key and is_so(float(metric["value"])) and (not datasets or _on_one(metric, datasets))
            for metric in model["data"].get("metrics") or []
        )
    if entity in _ATTRIBUTES and key in _TEXTS:
        field = _TEXTS[key]
        compare = _textual(clause, _status if key == "status" else _same)
        # Servers keep no empty text where there is none, and a comparison with nothing is never true.
        return lambda model: bool(model["info"].get(field)) and compare(_shown(field, str(model["info"][field])))
    if entity in {"tags", "tag"}:
        return _pair(clause, "info", "tags", key)
    if entity in {"params", "param", "parameters", "parameter"}:
        return _pair(clause, "data", "params", key)
    raise CannotSearchError(f"Invalid clause {clause.text!r} in the filter string")


def _pair(clause: Clause, part: str, field: str, key: str) -> Callable[[Document], bool]:
    compare = _textual(clause, _same)
    return lambda model: any(
        pair.get("key") == key and compare(str(pair.get("value", ""))) for pair in model[part].get(field) or []
    )


def _numeric(clause: Clause) -> Callable[[float], bool]:
    compare = COMPARE.get(clause.comparator)
    try:
        wanted = float(unquoted(clause.value))
    except ValueError:
        compare = None
    if compare is None:
        raise CannotSearchError(f"Invalid comparison {clause.text!r}: it is about a number")
    return lambda value: compare(value, wanted)


def _textual(clause: Clause, means: Callable[[str], str]) -> Callable[[str], bool]:
    comparator, value = clause.comparator, clause.value
    if comparator in {"IN", "NOT IN"}:
        if not (value.startswith("(") and value.endswith(")")):
            raise CannotSearchError(f"Invalid comparison {clause.text!r}: a list in brackets was expected")
        wanted = {means(unquoted(each)) for each in _IN_LIST.findall(value)}
        return (lambda text: text in wanted) if comparator == "IN" else (lambda text: text not in wanted)
    text = means(unquoted(value))
    if comparator in {"LIKE", "ILIKE"}:
        return lambda given: like(given, text, ignore_case=comparator == "ILIKE")
    if comparator in {"=", "!="}:
        return (lambda given: given == text) if comparator == "=" else (lambda given: given != text)
    raise CannotSearchError(
        f"Invalid comparison operator in {clause.text!r}: expected one of =, !=, LIKE, ILIKE, IN, NOT IN"
    )


def _same(text: str) -> str:
    return text


def _status(text: str) -> str:
    """``READY``, ``LOGGED_MODEL_READY`` and ``2`` are one status."""
    named = status_named(text)
    for prefix in _STATUS_PREFIXES:
        named = named.removeprefix(prefix)
    return named


def _shown(field: str, text: str) -> str:
    return _status(text) if field == "status" else text
