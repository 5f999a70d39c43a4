"""Listing registered models on servers that only search."""

from __future__ import annotations

NO_PROMPTS = "filter=tags.%60mlflow.prompt.is_prompt%60+%21%3D+%27true%27"
SEARCH = "GET /api/2.0/mlflow/registered-models/search"
LIST = "GET /api/2.0/mlflow/registered-models/list"
MODEL = {"name": "m"}
PROMPT = {"name": "p", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}


def test_all_models_come_in_one_list_without_prompts(talk):
    """Every page is fetched, and what an old client cannot understand is left out."""
    pages = ({"registered_models": [MODEL, PROMPT], "next_page_token": "t"}, {"registered_models": [MODEL]})
    played = talk(LIST, client="1.30.1", server="2.9.2", answers=pages)
    assert [line for line, _ in played.sent] == [
        f"{SEARCH}?max_results=1000",
        f"{SEARCH}?max_results=1000&page_token=t",
    ]
    assert played.body == {"registered_models": [MODEL, MODEL]}
    assert played.changes == ["list_registered_models_by_search", "evaluate_registered_model_filters"]


def test_a_server_that_knows_prompts_leaves_them_out_itself(talk):
    """It is asked to; all pages are fetched."""
    pages = ({"registered_models": [MODEL], "next_page_token": "t"}, {"registered_models": [MODEL]})
    played = talk(LIST, client="1.30.1", server="2.22.4", answers=pages)
    assert [line for line, _ in played.sent] == [
        f"{SEARCH}?{NO_PROMPTS}&max_results=1000",
        f"{SEARCH}?{NO_PROMPTS}&max_results=1000&page_token=t",
    ]
    assert played.body == {"registered_models": [MODEL, MODEL]}
    assert played.changes == ["list_registered_models_by_search"]


def test_a_caller_that_pages_gets_its_page_and_token(talk):
    """One request, one page; preview and UI prefixes alike."""
    page = {"registered_models": [MODEL], "next_page_token": "u"}
    line = "GET /api/2.0/preview/mlflow/registered-models/list?max_results=1&page_token=t"
    played = talk(line, client="1.10.0", server="3.17.2", answers=(page,))
    assert [line for line, _ in played.sent] == [f"{SEARCH}?max_results=1&page_token=t&{NO_PROMPTS}"]
    assert played.body == page


def test_an_error_is_passed_on(talk):
    """The server's own words reach the client."""
    played = talk(LIST, client="1.30.1", server="3.17.2", answers=((403, b"Permission denied"),))
    assert (played.status, played.body) == (403, b"Permission denied")
