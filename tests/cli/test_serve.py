"""`tightrope serve`."""

import sys
from types import ModuleType
from typing import Any

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def wiring(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Stands in for the wiring and collects the settings it was run with."""
    ran: list[Any] = []
    module = ModuleType("proxy.wiring")
    module.run = ran.append  # type: ignore[attr-defined]  # a module made for this test
    monkeypatch.setitem(sys.modules, "proxy.wiring", module)
    return ran


def test_serve_runs_the_wiring(run: Run, wiring: list[Any]):
    """With the checked settings."""
    found = run("serve", env={"TIGHTROPE_BLUE__URL": "http://blue"})
    assert found.exit_code == 0, found.output
    assert [settings.blue.url for settings in wiring] == ["http://blue"]


def test_serve_refuses_a_wrong_configuration(run: Run, wiring: list[Any]):
    """Exit code 2 before anything was started."""
    found = run("serve")
    assert found.exit_code == 2
    assert "blue: is required" in found.stderr
    assert wiring == []
