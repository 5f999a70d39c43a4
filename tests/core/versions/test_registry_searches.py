"""What the searches of the registry share."""

from __future__ import annotations

import pytest

from proxy.core.versions import registry_searches
from proxy.core.versions.change import Call


@pytest.mark.parametrize(
    ("tags", "key", "expected"),
    [
        ([], "mlflow.prompt.is_prompt", ["false"]),
        ([{"key": "mlflow.prompt.is_prompt", "value": "true"}], "mlflow.prompt.is_prompt", ["true"]),
        ([], "x", []),
    ],
)
def test_what_is_no_prompt_counts_as_tagged_so(tags, key, expected):
    """As servers that know prompts read the clause."""
    assert registry_searches.tags_of({"tags": tags}, key) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name = 'x' AND tags.y IS NULL", "tags.y IS NULL"),
        ("tags.y IS NOT NULL", "tags.y IS NOT NULL"),
        ("name = 'IS NULL'", None),
        ("name = 'open", None),
        (None, None),
    ],
)
def test_what_no_registry_can_answer_is_refused(text, expected):
    """Clauses, not values that look like them."""
    answer = registry_searches.refusal(Call("SearchModelVersions", {"filter": text}))
    assert (answer is not None) is bool(expected)
    if answer is not None:
        assert (answer.status, expected in answer.body.decode()) == (400, True)
