"""Prompts among the models of servers that do not know prompts."""

from __future__ import annotations

import pytest

BASE = "/api/2.0/mlflow"
PROMPT = {"name": "p", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
MODEL = {"name": "m", "tags": []}


@pytest.mark.parametrize("client", ["1.30.1", "1.20.2", "2.9.2"])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("registered-models/search", "registered_models"),
        ("registered-models/list", "registered_models"),
        ("model-versions/search", "model_versions"),
    ],
)
def test_clients_without_prompts_see_none(talk, client, path, field):
    """The server's own clients included; the page token survives."""
    answer = {field: [PROMPT, MODEL], "next_page_token": "t"}
    line = f"GET {BASE}/{path}?max_results=9"
    server = "1.30.1" if path.endswith("list") else "2.5.0"
    played = talk(line, client=client, server=server, answers=(answer,), emulated=True)
    assert played.body == {field: [MODEL], "next_page_token": "t"}
    assert "hide_prompts" in played.changes


def test_answers_without_prompts_are_passed_on(talk):
    """As they are; and where nothing was emulated, they are not looked at."""
    line, answer = f"GET {BASE}/registered-models/search", {"registered_models": [MODEL]}
    played = talk(line, client="1.30.1", server="1.30.1", answers=(answer,), emulated=True)
    assert (played.body, played.changes) == (answer, [])
    assert talk(line, client="1.30.1", server="1.30.1").untouched
