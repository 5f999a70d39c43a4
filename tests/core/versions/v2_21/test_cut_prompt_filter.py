"""The prompt clause on servers that do not know prompts."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

MODELS = "/api/2.0/mlflow/registered-models/search"
VERSIONS = "/api/2.0/mlflow/model-versions/search"
NONE = "tag.`mlflow.prompt.is_prompt` != 'true'"
ONLY = "tags.`mlflow.prompt.is_prompt` = 'true'"
PROMPT = {"name": "p", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
MODEL = {"name": "m", "tags": []}


def _ask(talk: Any, text: str, server: str, path: str = MODELS, answer: object = None) -> Any:
    query = urlencode({"filter": text, "max_results": "5"})
    return talk(f"GET {path}?{query}", client="2.22.4", server=server, answers=(answer or {},))


def _filter(played: Any) -> list[str] | None:
    return parse_qs(urlsplit(played.sent[0][0].split(" ")[1]).query).get("filter")


@pytest.mark.parametrize("server", ["1.20.2", "1.30.1", "2.17.2"])
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (NONE, None),
        (f"name LIKE 'a AND b%' AND {NONE}", ["name LIKE 'a AND b%'"]),
        (f"{NONE} and name = 'x'", ["name = 'x'"]),
    ],
)
def test_the_clause_is_cut_and_prompts_are_dropped(talk, server, given, sent):
    """Ordinary models are found again, prompts stay hidden, the page token survives."""
    answer = {"registered_models": [MODEL, PROMPT], "next_page_token": "t"}
    played = _ask(talk, given, server, answer=answer)
    assert _filter(played) == sent
    assert played.body == {"registered_models": [MODEL], "next_page_token": "t"}
    assert played.changes == ["cut_prompt_filter"]


def test_versions_are_treated_like_models(talk):
    """The same clause is sent with searches of versions."""
    played = _ask(talk, f"name='m' AND {NONE}", "2.17.2", VERSIONS, {"model_versions": [PROMPT, MODEL]})
    assert _filter(played) == ["name='m'"]
    assert played.body == {"model_versions": [MODEL]}


def test_asking_for_prompts_keeps_only_prompts_on_servers_without_tag_filters(talk):
    """Up to 1.23 the clause is unknown, so the proxy filters."""
    played = _ask(talk, ONLY, "1.23.1", answer={"registered_models": [MODEL, PROMPT]})
    assert _filter(played) is None
    assert played.body == {"registered_models": [PROMPT]}


@pytest.mark.parametrize("text", [ONLY, "tag.`mlflow.prompt.is_prompt` != 'maybe'", "name = 'open", "name = 'x'"])
def test_other_filters_reach_the_server_as_they_are(talk, text):
    """A server with tag filters answers them itself, and broken ones too."""
    answer = {"registered_models": [MODEL, PROMPT]}
    played = _ask(talk, text, "2.17.2", answer=answer)
    assert _filter(played) == [text]
    assert (played.body, played.changes) == (answer, [])


def test_servers_that_know_prompts_are_left_alone(talk):
    """From 2.21 on the clause means what it says."""
    query = urlencode({"filter": NONE})
    assert talk(f"GET {MODELS}?{query}", client="2.21.0", server="2.22.4").untouched
