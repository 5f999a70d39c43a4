"""Every module with logic has its test file at the same path below ``tests``."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent

_MOVES = "a few lines around cli/moves.py, tested in tests/cli/test_moves.py"
_FAMILY = "a table of operations with a helper, tested in tests/core/endpoints and by every e2e test"
_REAL = "needs real servers, clients or tools; used by tests/e2e and the demo"
_BENCH = "runs benchmarks, whose figures are their own test"

EXCEPTIONS: dict[str, str] = {
    "cli/cutover.py": _MOVES,
    "cli/phase.py": _MOVES,
    "cli/release.py": "the other half of cli/hold.py, tested in tests/cli/test_hold.py",
    "cli/rollback.py": _MOVES,
    "core/endpoints/artifacts.py": _FAMILY,
    "core/endpoints/automation.py": _FAMILY,
    "core/endpoints/gateway.py": _FAMILY,
    "core/endpoints/mcp_servers.py": _FAMILY,
    "core/endpoints/registry.py": _FAMILY,
    "core/endpoints/reviews.py": _FAMILY,
    "core/endpoints/spec.py": "values; route_for is tested in tests/core/endpoints/test_catalogue.py",
    "errors.py": "a tree of values; what is made of them is tested where it is rendered",
    "lab/bench/__main__.py": _BENCH,
    "lab/bench/host.py": _BENCH,
    "lab/bench/on_real.py": _BENCH,
    "lab/bench/on_stub.py": _BENCH,
    "lab/bench/programs.py": _BENCH,
    "lab/bench/report.py": _BENCH,
    "lab/bench/startup.py": _BENCH,
    "lab/bench/stub.py": _BENCH,
    "lab/bench/variants.py": _BENCH,
    "lab/bench/workloads.py": _BENCH,
    "lab/extract_fields.py": "runs where mlflow is installed; tests/lab/test_differences.py tests its result",
    "lab/extract_routes.py": "runs where mlflow is installed; tests/lab/test_catalogue.py tests its result",
    "lab/failures.py": _REAL,
    "lab/guard.py": _REAL,
    "lab/postgres.py": _REAL,
    "lab/tightrope.py": _REAL,
    "lab/uv.py": _REAL,
    "storage/rows.py": "reads rows back; every test of the journal store does it",
}
"""Module -> why it has no test file of its own."""


def has_logic(source: str) -> bool:
    """Whether a module defines a function that does more than say what it is (Protocols, values and tables do not)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = [each for each in node.body if not _says_nothing(each)]
            if body:
                return True
    return False


def _says_nothing(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.Pass)


def expected_test(module: Path) -> Path:
    """``proxy/core/lanes.py`` -> ``tests/core/test_lanes.py``."""
    inside = module.relative_to(ROOT / "proxy")
    return ROOT / "tests" / inside.parent / f"test_{inside.stem.strip('_')}.py"


def untested() -> set[str]:
    """The modules with logic and without a test file, as ``core/lanes.py``."""
    modules = (ROOT / "proxy").rglob("*.py")
    return {
        str(module.relative_to(ROOT / "proxy"))
        for module in modules
        if not expected_test(module).exists() and has_logic(module.read_text(encoding="utf-8"))
    }


def test_every_module_has_its_tests():
    """A new module comes with tests, or with a reason in the list above."""
    assert sorted(untested() - EXCEPTIONS.keys()) == []


def test_no_exception_is_stale():
    """A reason that is no longer needed is removed."""
    assert sorted(EXCEPTIONS.keys() - untested()) == []


def test_logic_is_recognised():
    """Tables, values and Protocols are none; a function with a statement is."""
    assert not has_logic('"""Text."""\nX = 1\nclass P:\n    def f(self) -> int:\n        """What."""\n        ...\n')
    assert has_logic("def f(x):\n    return x\n")
