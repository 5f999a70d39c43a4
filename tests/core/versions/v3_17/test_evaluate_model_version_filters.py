"""Searches of model versions on servers that know less."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

SEARCH = "/api/2.0/mlflow/model-versions/search"
NONE = "tag.`mlflow.prompt.is_prompt` != 'true'"


def version(name: str, number: int, updated: int | str, **more: Any) -> dict[str, Any]:
    return {"name": name, "version": str(number), "last_updated_timestamp": updated, "source": f"s3://{name}", **more}


OLD, NEW, LATE = version("m", 1, 10), version("m", 2, 20), version("n", 1, "20")


def _ask(talk: Any, server: str, *answers: Any, **arguments: Any) -> Any:
    query = urlencode(arguments, doseq=True)
    return talk(f"GET {SEARCH}?{query}", client="3.16.0", server=server, answers=answers)


def _query(played: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(played.sent[0][0].split(" ")[1]).query)


def test_a_whole_list_is_ordered_and_cut_into_pages(talk):
    """Servers up to 2.0 know neither orders nor pages."""
    everything = {"model_versions": [OLD, LATE, NEW]}
    played = _ask(talk, "1.30.1", everything, filter=f"name LIKE '%' AND {NONE}", max_results=2)
    assert _query(played) == {"filter": ["name LIKE '%'"]}
    assert played.body["model_versions"] == [NEW, LATE]
    token = played.body["next_page_token"]
    played = _ask(talk, "1.30.1", everything, max_results=2, page_token=token)
    assert played.body == {"model_versions": [OLD]}


def test_a_client_that_knows_no_pages_gets_all(talk):
    """As from its own server."""
    played = talk(f"GET {SEARCH}", client="1.30.1", server="1.28.0", answers=({"model_versions": [OLD, NEW]},))
    assert played.body == {"model_versions": [NEW, OLD]}


def test_an_order_is_ours_before_2_3(talk):
    """By numbers as numbers."""
    ten = version("m", 10, 1)
    played = _ask(talk, "2.0.1", {"model_versions": [ten, NEW]}, order_by=["version_number ASC"])
    assert "order_by" not in _query(played)
    assert played.body == {"model_versions": [NEW, ten]}


@pytest.mark.parametrize(
    ("server", "text", "sent"),
    [
        ("1.20.2", "name = 'm' AND version_number > 1", ["name = 'm'"]),
        ("1.20.2", "run_id IN ('r') AND source_path = 's3://m'", ["source_path = 's3://m'"]),
        ("2.5.0", "name IN ('m') AND version_number > 1", ["version_number > 1"]),
        ("2.17.2", f"name = 'm' AND {NONE}", ["name = 'm'"]),
    ],
)
def test_only_what_the_server_knows_is_sent(talk, server, text, sent):
    """One clause at a time up to 1.23."""
    assert _query(_ask(talk, server, {}, filter=text))["filter"] == sent


def test_clauses_are_evaluated(talk):
    """Attributes, times, sources and tags."""
    tagged = version("m", 3, 30, run_id="r", tags=[{"key": "k", "value": "v"}])
    text = "name IN ('m') AND run_id = 'r' AND tags.k = 'v' AND source_path LIKE 's3%' AND version_number >= 3"
    assert _ask(talk, "1.20.2", {"model_versions": [OLD, tagged]}, filter=text).body == {"model_versions": [tagged]}


@pytest.mark.parametrize("server", ["1.20.2", "3.17.2"])
def test_what_no_registry_can_answer_is_refused(talk, server):
    """With no 500 that clients repeat."""
    played = _ask(talk, server, filter="tags.x IS NOT NULL")
    assert (played.status, played.body["error_code"], played.sent) == (400, "INVALID_PARAMETER_VALUE", [])


@pytest.mark.parametrize("text", [NONE, "name = 'x'", "nonsense"])
def test_what_the_server_knows_passes(talk, text):
    """From 2.21 on "no prompts" means what it says."""
    assert _ask(talk, "2.22.4", filter=text).untouched
