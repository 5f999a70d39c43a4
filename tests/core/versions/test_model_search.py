"""Searching logged models in a list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.core.versions.logged_models import LoggedModel, document
from proxy.core.versions.model_search import CannotSearchError, matching, ordered, page

RUN = {"info": {"run_id": "r", "experiment_id": "0", "artifact_uri": ""}, "data": {}}
METRICS: list[dict[str, Any]] = [
    {"key": "acc", "value": 0.5, "timestamp": 1, "step": 0},
    {"key": "acc", "value": 0.9, "timestamp": 2, "dataset_name": "d", "dataset_digest": "1"},
    {"key": "loss", "value": "NaN"},
]
MODELS = [
    document(LoggedModel("m-1", "alpha", "f", "LOGGED_MODEL_READY", "agent", 10, 20, {"a b": "X"}, {"lr": "1"}), RUN),
    document(LoggedModel("m-2", "Beta_2", "f", created_ms=30, updated_ms=30, tags={"a b": "y"}), RUN, METRICS),
    document(LoggedModel("m-3", "it", "f", created_ms=30, updated_ms=40, run_made_for_it=True), RUN),
]


def _names(text) -> Any:
    return [model["info"]["model_id"][-1] for model in matching(MODELS, text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "123"),
        ("name = 'alpha'", "1"),
        ("attributes.name != 'alpha'", "23"),
        ("name LIKE '%a'", "1"),
        ("name ILIKE 'b%'", "2"),
        ("name LIKE 'Beta__'", "2"),
        ("name IN ('alpha', 'it')", "13"),
        ("name NOT IN ('alpha', 'it')", "2"),
        ("status = 'READY'", "1"),
        ("status = 'LOGGED_MODEL_PENDING'", "23"),
        ("model_type = 'agent'", "1"),
        ("model_type != 'x'", "1"),
        ("source_run_id = 'r'", "12"),
        ("model_id = 'm-2'", "2"),
        ("tags.`a b` = 'X'", "1"),
        ("tags.`a b` != 'X'", "2"),
        ("tags.`a b` ILIKE 'x'", "1"),
        ("params.lr = '1' AND name = 'alpha'", "1"),
        ("creation_timestamp >= 30", "23"),
        ("metrics.acc > 0.8", "2"),
        ("metrics.acc > 0.9", ""),
        ("metrics.loss > 0", ""),
        ("creation_time < 30 AND last_updated_timestamp = 20", "1"),
    ],
)
def test_what_is_found(text, found):
    """The servers' grammar; nothing is compared with what is not there."""
    assert "".join(_names(text)) == found


@pytest.mark.parametrize(
    "text",
    ["name", "name > 'a'", "name IN 'a'", "creation_time = 'x'", "creation_time LIKE '1%'", "tags.a < 1", "x.y = '1'"],
)
def test_what_makes_no_sense(text):
    """It is said, whatever there is to search."""
    with pytest.raises(CannotSearchError):
        matching([], text)


def test_data_sets():
    """Only metrics on one of them count, and a model without any is not found."""
    on_d = [{"dataset_name": "d"}]
    assert [model["info"]["model_id"] for model in matching(MODELS, "", on_d)] == ["m-2"]
    assert [model["info"]["model_id"] for model in matching(MODELS, "metrics.acc > 0.8", on_d)] == ["m-2"]
    assert matching(MODELS, "metrics.acc < 0.8", on_d) == []
    assert matching(MODELS, "", [{"dataset_name": "d", "dataset_digest": "2"}]) == []


def test_order():
    """By any field either way; newest first where nothing else decides, then by id."""

    def ids(*order_by) -> Any:
        return "".join(model["info"]["model_id"][-1] for model in ordered(MODELS, order_by))

    assert ids() == "231"
    assert ids({"field_name": "name"}) == "213"
    assert ids({"field_name": "last_updated_timestamp", "ascending": False}) == "321"
    assert ids({"field_name": "creation_time", "ascending": True}) == "123"
    assert ids({"field_name": "metrics.acc", "ascending": True}) == ids({"field_name": "metrics.acc"}) == "231"
    assert ids({"field_name": "model_type", "ascending": False}) == "123"
    for wrong in ({"field_name": "x"}, {}, "name"):
        with pytest.raises(CannotSearchError):
            ordered(MODELS, [wrong])


@given(st.integers(0, 30), st.integers(1, 10))
def test_pages_make_the_whole(count, size):
    """Each model is on one page."""
    models = [document(LoggedModel(f"m-{number}", "m", "f"), RUN) for number in range(count)]
    asked = {"experiment_ids": ["0"], "max_results": size, "filter": "name = 'm'"}
    found, token = [], None
    for _ in range(count + 1):
        answer = page(models, {**asked, **({"page_token": token} if token else {})})
        found += answer["models"]
        token = answer.get("next_page_token")
        if token is None:
            break
    assert found == models


def test_a_token_of_another_search():
    """It is refused, as every server does."""
    token = page(MODELS, {"experiment_ids": ["0"], "max_results": 1})["next_page_token"]
    for asked in ({"experiment_ids": ["1"]}, {"experiment_ids": ["0"], "filter": "name = 'x'"}):
        with pytest.raises(CannotSearchError):
            page(MODELS, {**asked, "page_token": token})
    for wrong in ("?", "W10="):
        with pytest.raises(CannotSearchError):
            page(MODELS, {"page_token": wrong})
    with pytest.raises(CannotSearchError):
        page(MODELS, {"max_results": -1})
