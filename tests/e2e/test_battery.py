"""Everything a client does reaches the other side, survives a cutover unchanged, and comes back with a rollback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proxy.lab.clients import run_client
from tests.e2e.compare import contents
from tests.e2e.stacks import Stack

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

HERE = Path(__file__).parent
_MISSING = {"1.30.1": "aliases,inputs", "2.22.4": ""}
"""What a blue of that version cannot hold, and its clients do not know."""


def battery(stack: Stack, version: str, prefix: str) -> dict[str, Any]:
    """Do everything once, and say what was made."""
    arguments = [prefix, _MISSING[stack.blue.version]]
    result = run_client(version, HERE / "client_battery.py", tracking_uri=stack.tightrope.url, args=arguments)
    made: dict[str, Any] = result.check().json
    return made


def snapshot(stack: Stack, version: str, made: dict[str, Any]) -> dict[str, Any]:
    """All that a client reads of it."""
    script, arguments = HERE / "client_snapshot.py", [json.dumps(made)]
    result = run_client(version, script, tracking_uri=stack.tightrope.url, args=arguments)
    read: dict[str, Any] = result.check().json
    return read


def test_there_and_back(stack: Stack) -> None:
    """Blue's own client: mirrored without a difference, read the same after cutover and after rollback."""
    client = stack.blue.version
    made = battery(stack, client, "before")
    stack.same()
    before = snapshot(stack, client, made)

    stack.move("cutover")
    assert snapshot(stack, client, made) == before
    later = battery(stack, client, "after")
    stack.same()
    on_green = snapshot(stack, client, later)

    stack.move("rollback")
    assert snapshot(stack, client, made) == before
    assert snapshot(stack, client, later) == on_green
    stack.same()
    assert len(contents(stack.blue)) > 30


@pytest.mark.parametrize("running_stack", [("1.30.1", "3.17.2")], ids="-to-".join, indirect=True)
@pytest.mark.parametrize("version", ["2.22.4", "3.17.2"])
def test_newer_clients(stack: Stack, version: str) -> None:
    """Newer clients work through a blue of 1.30 as far as 1.30 goes, and both sides stay the same."""
    made = battery(stack, version, f"by {version}")
    stack.same()
    before = snapshot(stack, version, made)
    stack.move("cutover")
    assert snapshot(stack, version, made) == before
