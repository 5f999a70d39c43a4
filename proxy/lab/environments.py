"""Cached Python environments with a given MLflow version: `python -m proxy.lab.environments 1.30.1 2.22.4 3.17.2`.

They live under `$TIGHTROPE_CACHE/envs` (default `~/.cache/tightrope/envs`), one folder per recipe. A folder is good
when it holds the marker written last and its Python runs; anything else is built again from nothing. Environments are
built in place under a file lock, because a virtualenv cannot be moved once built.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from proxy.lab.failures import LabError, tail
from proxy.lab.recipes import Recipe, mlflow_recipe
from proxy.lab.uv import cache_directory, interpreters, run_uv

Report = Callable[[str], None]

_MARKER = ".complete"
_KEPT_VARIABLES = ("LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Environment:
    """One ready environment."""

    version: str
    """MLflow version, or the name of a tool environment."""
    directory: Path

    @property
    def python(self) -> Path:
        """Its Python interpreter."""
        return self.bin("python")

    def bin(self, name: str) -> Path:
        """Return the path of a program installed in it, such as `mlflow`."""
        return self.directory / "bin" / name

    def variables(self, home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return a complete set of environment variables for a program of this environment.

        Nothing of ours leaks in: no MLFLOW_* setting, no HTTP proxy, no credentials file of the real home folder.

        Args:
            home: folder to use as the home folder.
            extra: further variables; they win.
        """
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        return {
            "LANG": "C.UTF-8",
            **kept,
            # The environment's own bin comes first: `mlflow server` starts gunicorn by its bare name.
            "PATH": f"{self.directory / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(home),
            "PYTHONUNBUFFERED": "1",
            "PYTHONNOUSERSITE": "1",
            "GIT_PYTHON_REFRESH": "quiet",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
            **(extra or {}),
        }


_checked: dict[Path, Environment] = {}
_checked_lock = threading.Lock()


def ensure_environment(version: str, extras: Iterable[str] = (), *, report: Report | None = None) -> Environment:
    """Return an environment with this MLflow version, built if it is missing or broken.

    Args:
        version: full MLflow version, such as `2.22.4`.
        extras: further requirements, such as `scikit-learn`.
        report: told in one line what is being done, when anything takes time.

    Raises:
        LabError: it cannot be built; says what was tried and shows the end of uv's output.
    """
    return ensure_recipe(mlflow_recipe(version, extras), report=report)


def ensure_recipe(recipe: Recipe, *, report: Report | None = None) -> Environment:
    """Return the environment of any recipe, built if it is missing or broken.

    Raises:
        LabError: it cannot be built.
    """
    directory = cache_directory() / "envs" / recipe.folder
    with _checked_lock:
        if directory in _checked and (directory / _MARKER).exists():
            return _checked[directory]
    environment = Environment(recipe.name, directory)
    tell = report or (lambda _line: None)
    if not _is_good(environment):
        directory.parent.mkdir(parents=True, exist_ok=True)
        with _locked(directory.with_name(f"{directory.name}.lock"), tell):
            if not _is_good(environment):  # someone else may have built it while we waited
                _build(recipe, environment, tell)
    with _checked_lock:
        _checked[directory] = environment
    return environment


def _is_good(environment: Environment) -> bool:
    if not (environment.directory / _MARKER).exists():
        return False
    try:
        return subprocess.run([environment.python, "-c", ""], check=False, capture_output=True).returncode == 0
    except OSError:  # the interpreter it was made from has gone
        return False


@contextmanager
def _locked(path: Path, tell: Report) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"waiting for another process that builds {path.stem}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(recipe: Recipe, environment: Environment, tell: Report) -> None:
    began = time.monotonic()
    tell(f"{recipe.name}: installing {recipe.requirements[0]}")
    tried: list[str] = []
    output = ""
    for python in interpreters(recipe.python):
        shutil.rmtree(environment.directory, ignore_errors=True)
        tried.append(f"uv venv --python '{python}'")
        made, said = run_uv(["venv", "--quiet", "--python", python, str(environment.directory)])
        if not made:
            output = output or said
            continue
        for options in _install_options(recipe):
            tried.append(f"uv pip install {' '.join(map(repr, options))}")
            target = ["--python", str(environment.python)]
            # Bytecode now, once: otherwise the first servers started in parallel all compile the same files.
            done, output = run_uv(["pip", "install", "--quiet", "--compile-bytecode", *target, *options])
            if done:
                (environment.directory / _MARKER).write_text(repr(recipe) + "\n", encoding="utf-8")
                tell(f"{recipe.name}: ready after {time.monotonic() - began:.0f} s")
                return
    shutil.rmtree(environment.directory, ignore_errors=True)
    raise LabError(
        f"no environment for {recipe.requirements[0]} could be made",
        tried=tuple(tried),
        output=tail(output),
        hint=f"check that the version exists, that a Python {recipe.python} is installed "
        "(`uv python list`), and that the package index can be reached",
    )


def _install_options(recipe: Recipe) -> Iterator[list[str]]:
    """Yield the ways to install a recipe, best first."""
    if recipe.cutoff:
        yield [*recipe.requirements, "--exclude-newer", recipe.cutoff]
    yield [*recipe.requirements, *recipe.bounds]


def main(arguments: list[str]) -> int:
    """Prepare the environments named on the command line, one after the other."""
    if not arguments:
        print("usage: python -m proxy.lab.environments VERSION...", file=sys.stderr)
        return 2
    failed = 0
    for version in arguments:
        try:
            environment = ensure_environment(version, report=lambda line: print(line, flush=True))
        except LabError as exc:
            print(f"{version}: {exc}", file=sys.stderr)
            failed += 1
        else:
            print(f"{version}: {environment.directory}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
