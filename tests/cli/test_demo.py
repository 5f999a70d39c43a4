"""`tightrope demo`."""

import sys
from types import ModuleType
from typing import Any

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (3, 3)])
def test_demo_passes_its_options_on(run: Run, monkeypatch: pytest.MonkeyPatch, result: int | None, code: int):
    """Versions and --keep reach the laboratory, and its result is the exit code."""
    asked: list[dict[str, Any]] = []

    def demo(**options: Any) -> int | None:
        asked.append(options)
        return result

    module = ModuleType("proxy.lab.demo")
    module.run = demo  # type: ignore[attr-defined]  # a module made for this test
    monkeypatch.setitem(sys.modules, "proxy.lab.demo", module)
    assert run("demo", "--blue", "2.22.4", "--keep").exit_code == code
    assert asked == [{"blue": "2.22.4", "green": "3.17.2", "keep": True}]
