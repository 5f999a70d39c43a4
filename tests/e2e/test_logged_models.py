"""Models that MLflow 3 clients log, on servers with logged models and without, for clients of all ages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from proxy.lab.clients import run_client
from tests.e2e.stacks import Stack

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

SCRIPT = Path(__file__).parent / "client_models.py"
NEWEST = "3.17.2"
_PAIRS = [("1.30.1", NEWEST), ("2.22.4", NEWEST)]


def _run(stack: Stack, version: str, *arguments: str) -> Any:
    return run_client(version, SCRIPT, tracking_uri=stack.tightrope.url, args=arguments).check().json


def _loads(stack: Stack, prefix: str, made: dict[str, str]) -> Any:
    """What the newest client and blue's own read of a model; both must be able to use it."""
    ids = (made["run"], made["model"], made["alone"])
    read = _run(stack, NEWEST, "load", prefix, *ids)
    older = _run(stack, stack.blue.version, "load", prefix, *ids)
    assert read["runs"] == read["registered"] == read["id"] == read["alone"] == [3, 6]
    assert (older["runs"], older["registered"]) == ([3, 6], [3, 6])
    assert older["files"] == read["files"]
    assert (older["hidden"], read["hidden"]) == ([], [])
    assert read["model"] == ["m", "READY", made["run"], "x"]
    assert read["metrics"] == [["acc", 0.5]]
    assert read["source"] == f"models:/{made['model']}"
    assert read["outputs"] == read["found"] == [made["model"]]
    return read


@pytest.mark.parametrize("own_stack", _PAIRS, ids="-to-".join, indirect=True)
def test_there_and_back(own_stack: Stack) -> None:
    """Logged on blue it is green's own after the cutover; logged on green it is there on blue after the rollback."""
    stack = own_stack
    first = _run(stack, NEWEST, "log", "models-first")
    before = _loads(stack, "models-first", first)
    stack.settled()
    stack.move("cutover")
    assert _loads(stack, "models-first", first) == before

    second = _run(stack, NEWEST, "log", "models-second")
    on_green = _loads(stack, "models-second", second)
    stack.settled()
    stack.move("rollback")
    assert _loads(stack, "models-second", second) == on_green
    assert _loads(stack, "models-first", first) == before
