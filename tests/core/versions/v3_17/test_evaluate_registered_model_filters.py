"""Searches of registered models on servers that know less."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

SEARCH = "/api/2.0/mlflow/registered-models/search"
NONE = "tag.`mlflow.prompt.is_prompt` != 'true'"
ONLY = "tags.`mlflow.prompt.is_prompt` = 'true'"
PROMPT = {"name": "p", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
MODEL = {"name": "m", "tags": []}


def _ask(talk: Any, server: str, *answers: Any, **arguments: Any) -> Any:
    query = urlencode(arguments, doseq=True)
    return talk(f"GET {SEARCH}?{query}", client="3.16.0", server=server, answers=answers)


def _query(played: Any, index: int = 0) -> dict[str, list[str]]:
    return parse_qs(urlsplit(played.sent[index][0].split(" ")[1]).query)


@pytest.mark.parametrize("server", ["1.20.2", "1.30.1", "2.17.2"])
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (NONE, None),
        (f"name LIKE 'a AND b%' AND {NONE}", ["name LIKE 'a AND b%'"]),
        (f"{NONE} and name = 'm'", ["name = 'm'"]),
    ],
)
def test_prompts_are_left_out_and_models_found(talk, server, given, sent):
    """Old servers take "no prompts" for "tagged, but not as a prompt", or do not take it at all."""
    played = _ask(talk, server, {"registered_models": [MODEL, PROMPT]}, filter=given, max_results=5)
    assert _query(played).get("filter") == sent
    assert played.body == {"registered_models": [MODEL]}


def test_pages_are_refilled(talk):
    """What was left out does not make them short."""
    pages = ({"registered_models": [PROMPT], "next_page_token": "t"}, {"registered_models": [MODEL, MODEL]})
    played = _ask(talk, "2.17.2", *pages, filter=NONE, max_results=1)
    assert _query(played, 1)["page_token"] == ["t"]
    assert played.body["registered_models"] == [MODEL]
    assert played.body["next_page_token"]


def test_prompts_alone_are_found_on_servers_without_tag_filters(talk):
    """Servers that have them find prompts themselves."""
    played = _ask(talk, "1.23.1", {"registered_models": [MODEL, PROMPT]}, filter=ONLY)
    assert played.body == {"registered_models": [PROMPT]}
    assert _ask(talk, "2.17.2", filter=ONLY).untouched


@pytest.mark.parametrize("server", ["1.30.1", "2.22.4"])
def test_lists_of_names_are_ours(talk, server):
    """Whatever the server would make of them."""
    played = _ask(talk, server, {"registered_models": [MODEL, PROMPT]}, filter="name IN ('p', 'x')")
    assert "filter" not in _query(played)
    assert played.body == {"registered_models": [PROMPT]}


def test_timestamp_has_another_name(talk):
    """Which every server understands."""
    played = _ask(talk, "1.28.0", {}, order_by=["timestamp DESC", "name"])
    assert _query(played)["order_by"] == ["last_updated_timestamp DESC", "name ASC"]


@pytest.mark.parametrize("server", ["1.20.2", "3.17.2"])
def test_what_no_registry_can_answer_is_refused(talk, server):
    """With no 500 that clients repeat."""
    played = _ask(talk, server, filter="tags.x IS NULL")
    assert (played.status, played.body["error_code"], played.sent) == (400, "INVALID_PARAMETER_VALUE", [])


@pytest.mark.parametrize("text", [NONE, "name = 'x'", "nonsense"])
def test_what_the_server_knows_passes(talk, text):
    """From 2.21 on "no prompts" means what it says."""
    assert _ask(talk, "2.22.4", filter=text).untouched
