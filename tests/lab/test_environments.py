"""Environments: made once, rebuilt when broken, and a readable failure when they cannot be made."""

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from proxy.lab import environments
from proxy.lab.environments import Environment, ensure_environment, ensure_recipe, main
from proxy.lab.failures import LabError
from proxy.lab.recipes import Recipe

TINY = Recipe(name="tiny", requirements=("sqlparse",), python=">=3.10,<3.14")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder and no memory of earlier checks."""
    monkeypatch.setenv("TIGHTROPE_CACHE", str(tmp_path))
    monkeypatch.setattr(environments, "_checked", {})
    return tmp_path


@pytest.mark.real
@pytest.mark.timeout(900)  # the very first time packages are downloaded
def test_right_version(version: str) -> None:
    """The environment of a version runs exactly that MLflow."""
    environment = ensure_environment(version)
    said = subprocess.run([environment.bin("mlflow"), "--version"], check=True, capture_output=True, text=True).stdout
    assert said.split()[-1] == version


@pytest.mark.real
def test_made_once(cache: Path) -> None:
    """Two that ask at the same time get one environment, built once."""
    lines: list[str] = []
    barrier = threading.Barrier(2)

    def ask(_: int) -> Environment:
        barrier.wait()
        return ensure_recipe(TINY, report=lines.append)

    with ThreadPoolExecutor() as pool:
        first, second = pool.map(ask, range(2))
    assert first == second
    assert sum("installing" in line for line in lines) == 1


@pytest.mark.real
@pytest.mark.parametrize("damage", ["marker", "python"])
def test_rebuilt_when_broken(cache: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    """An interrupted build and an interpreter that went away are both noticed and repaired."""
    environment = ensure_recipe(TINY)
    broken = environment.directory / ".complete" if damage == "marker" else environment.python
    broken.unlink()
    monkeypatch.setattr(environments, "_checked", {})
    again = ensure_recipe(TINY)
    assert again == environment
    subprocess.run([again.python, "-c", "import sqlparse"], check=True)


@pytest.mark.real
def test_unknown_version(cache: Path) -> None:
    """A version that does not exist fails with what was tried, uv's own words and a hint, and leaves no folder."""
    with pytest.raises(LabError) as failure:
        ensure_environment("2.999.0")
    text = str(failure.value)
    assert "no environment for mlflow==2.999.0" in text
    assert "tried: uv pip install 'mlflow==2.999.0'" in text
    assert "last lines of output:" in text
    assert "hint: check that the version exists" in text
    assert [path.suffix for path in (cache / "envs").iterdir()] == [".lock"]


def test_nothing_leaks_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of the lab see none of our MLflow settings, HTTP proxies or home folder."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere")
    monkeypatch.setenv("http_proxy", "http://elsewhere")
    variables = Environment("x", tmp_path / "env").variables(tmp_path, {"MLFLOW_EXPERIMENT_NAME": "wanted"})
    assert "elsewhere" not in str(variables)
    assert variables["HOME"] == str(tmp_path)
    assert variables["MLFLOW_EXPERIMENT_NAME"] == "wanted"
    assert variables["PATH"].startswith(str(tmp_path / "env" / "bin"))


def test_command_line_reports_failures(capsys: pytest.CaptureFixture[str]) -> None:
    """The command line says which version failed and why, and ends with 1."""
    assert main(["nonsense"]) == 1
    assert "nonsense: 'nonsense' is not an MLflow version" in capsys.readouterr().err
    assert main([]) == 2
