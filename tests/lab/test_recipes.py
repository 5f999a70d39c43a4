"""Recipes: which Python and which bounds a version gets, without installing anything."""

from pathlib import Path

import pytest

from proxy.lab.failures import LabError
from proxy.lab.recipes import mlflow_recipe, parse_version
from proxy.lab.uv import interpreters


@pytest.mark.parametrize(
    ("version", "python", "has_cutoff"),
    [
        ("1.0.0", ">=3.7,<3.9", True),
        ("1.20.2", ">=3.8,<3.10", True),
        ("1.30.1", ">=3.9,<3.12", True),
        ("2.9.2", ">=3.10,<3.12", True),
        ("2.22.4", ">=3.10,<3.13", False),
        ("3.17.2", ">=3.10,<3.14", False),
        ("4.0.0", ">=3.10,<3.14", False),
    ],
)
def test_period(version: str, python: str, has_cutoff: bool) -> None:
    """Each version falls into the period it was released in; unknown later ones are treated like the latest."""
    recipe = mlflow_recipe(version)
    assert recipe.python == python
    assert (recipe.cutoff is not None) == has_cutoff
    assert f"mlflow=={version}" in recipe.requirements


def test_folder_follows_recipe() -> None:
    """A different recipe gets a different folder, the same one always the same, whatever the order of extras."""
    assert mlflow_recipe("2.22.4", ["a", "b"]).folder == mlflow_recipe("2.22.4", ["b", "a"]).folder
    assert mlflow_recipe("2.22.4", ["a"]).folder != mlflow_recipe("2.22.4").folder
    assert mlflow_recipe("2.22.4").folder.startswith("2.22.4-")


@pytest.mark.parametrize("text", ["", "latest", "2.22", "v2.22.4"])
def test_not_a_version(text: str) -> None:
    """What is not a full version number is refused by name."""
    with pytest.raises(LabError, match="not an MLflow version"):
        parse_version(text)


def test_interpreters_of_pyenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interpreters held by pyenv are offered by path, newest first, and only those inside the request."""
    for name in ("3.9.1", "3.10.2", "3.10.13", "3.12.1", "graalpy-22.3"):
        (tmp_path / "versions" / name / "bin").mkdir(parents=True)
        (tmp_path / "versions" / name / "bin" / "python").touch()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    offered = interpreters(">=3.9,<3.12")
    names = [path.split("/")[-3] for path in offered[1:]]
    assert offered[0] == ">=3.9,<3.12"
    assert names == ["3.10.13", "3.10.2", "3.9.1"]
