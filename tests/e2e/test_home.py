"""With green behind an old blue, new clients see no refusal: what blue cannot hold lives on green."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proxy.lab.clients import run_client
from tests.e2e.stacks import Stack

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

SCRIPT = Path(__file__).parent / "home_client.py"


def run(stack: Stack, version: str, *arguments: str) -> dict[str, Any]:
    """What the script prints."""
    done = run_client(version, SCRIPT, tracking_uri=stack.tightrope.url, args=arguments)
    found: dict[str, Any] = json.loads(done.check().stdout.strip().splitlines()[-1])
    return found


@pytest.mark.parametrize("running_stack", [("1.30.1", "3.17.2")], ids="-to-".join, indirect=True)
@pytest.mark.parametrize("version", ["2.22.4", "3.17.2"])
def test_traces_and_datasets_live_on_green(stack: Stack, version: str) -> None:
    """Written while 1.30 serves, they are read then, after the cutover, and after the rollback, and nothing parks."""
    made = run(stack, version, "write", f"home of {version}")
    asked = ("read", made["trace"], made["dataset"] or "")
    before = run(stack, version, *asked)
    assert before["span"] == ["add", {"x": 1}, 2]
    assert (before["run"], before["colour"]) == (made["run"], "grün")
    if made["dataset"]:
        assert (before["feedback"], before["records"]) == ([["good", True]], [{"q": "a"}])
    stack.settled()
    stack.move("cutover")
    assert run(stack, version, *asked) == before
    stack.move("rollback")
    assert run(stack, version, *asked) == before
    skipped = stack.tightrope.admin("GET", "/api/v1/journal?state=skipped&limit=500")["records"]
    assert {"home"} <= {each["reason"] for each in skipped}
