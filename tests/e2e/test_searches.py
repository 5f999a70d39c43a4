"""Searches in MLflow's newest language on servers of every age, compared with what 3.17.2 answers by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proxy.lab.servers import MlflowServer
from proxy.lab.tightrope import Tightrope
from tests.e2e.search_battery import GOLDEN, answers, fill

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]


@pytest.mark.parametrize("version", ["1.20.2", "1.30.1", "2.9.2"])
def test_searches_find_what_the_newest_server_finds(version: str, tmp_path: Path) -> None:
    """The same entities in the same order, whole and in pages."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))["answers"]
    with (
        MlflowServer(version, tmp_path / "server") as server,
        Tightrope(tmp_path / "tightrope", blue=server.url) as tightrope,
    ):
        found = answers(tightrope.url, fill(tightrope.url))
    assert found == golden
