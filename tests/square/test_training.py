"""A training program with autologging logs the same on an old server as on one of its own version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from proxy.lab.clients import run_client
from proxy.lab.servers import MlflowServer, start_all
from proxy.lab.tightrope import Tightrope

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

_PROGRAM = Path(__file__).parent / "client" / "train.py"


def logged(client: str, url: str) -> Any:
    """What the program logged, models, candidates and all."""
    return run_client(client, _PROGRAM, tracking_uri=url, args=["training"], timeout_s=240).check().json


def test_autologging_on_an_old_server(tmp_path: Path) -> None:
    """3.17.2 with scikit-learn on 1.30.1: parameters, metrics, tags, files, datasets, models and every candidate."""
    old, own = MlflowServer("1.30.1", tmp_path / "old"), MlflowServer("3.17.2", tmp_path / "own")
    start_all(old, own)
    with old, own, Tightrope(tmp_path / "tightrope", blue=old.url) as tightrope:
        through = logged("3.17.2", tightrope.url)
        assert through == logged("3.17.2", own.url)
    assert [child["params"]["C"] for child in through["children"]] == ["0.1", "1.0", "10.0"]
    assert through["simple"]["models"] == 1
    assert through["simple"]["metrics"]["training_accuracy_score"] > 0.9
