"""Telling prompts from models."""

from __future__ import annotations

import pytest

from proxy.core.versions.prompts import is_prompt


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        ({"tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}, True),
        ({"tags": [{"key": "mlflow.prompt.is_prompt", "value": "True"}]}, True),
        ({"tags": [{"key": "mlflow.prompt.is_prompt", "value": "false"}]}, False),
        ({"tags": [{"key": "other", "value": "true"}]}, False),
        ({"tags": "odd"}, False),
        ({}, False),
        (None, False),
    ],
)
def test_only_the_tag_makes_a_prompt(entity, expected):
    """Everything that does not carry the tag with the value true is an ordinary model."""
    assert is_prompt(entity) is expected
