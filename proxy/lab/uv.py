"""Find uv, or fetch it into the cache; find Python interpreters; run uv with readable failures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from proxy.lab.failures import LabError, tail

_NOT_FOR_UV = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "UV_PROJECT_ENVIRONMENT", "UV_EXCLUDE_NEWER")


def cache_directory() -> Path:
    """Return `$TIGHTROPE_CACHE` or `~/.cache/tightrope`, made if missing."""
    path = Path(os.environ.get("TIGHTROPE_CACHE") or Path.home() / ".cache" / "tightrope").expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def find_uv() -> str:
    """Return the path of a working uv, installing one into the cache if there is none.

    Raises:
        LabError: there is none and it could not be installed.
    """
    home = cache_directory() / "uv"
    for candidate in (shutil.which("uv"), str(home / "bin" / "uv")):
        if candidate and _runs([candidate, "--version"]):
            return candidate
    commands = ([sys.executable, "-m", "venv", str(home)], [str(home / "bin" / "pip"), "install", "--quiet", "uv"])
    for command in commands:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise LabError(
                "uv is not installed and could not be fetched",
                tried=(" ".join(command),),
                output=tail(done.stdout + done.stderr),
                hint="install it by hand: https://docs.astral.sh/uv/getting-started/installation/",
            )
    return str(home / "bin" / "uv")


def run_uv(arguments: Sequence[str]) -> tuple[bool, str]:
    """Run uv outside of any project and return whether it succeeded, and its output."""
    env = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_UV}
    # In the cache folder, so that no pyproject.toml around the caller has a say; the user's own uv.toml still has.
    done = subprocess.run(
        [find_uv(), *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=cache_directory(),
        env=env,
    )
    return done.returncode == 0, done.stdout + done.stderr


def interpreters(request: str) -> list[str]:
    """Return what to hand to `uv --python` for a request such as `>=3.10,<3.12`, best first.

    First uv's own search. It trips over pyenv's shims (they stand on the PATH for versions that are not active and
    then refuse to run), so the interpreters that pyenv holds follow by path, newest first.
    """
    low, high = (tuple(map(int, numbers)) for numbers in re.findall(r"(\d+)\.(\d+)", request))
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    held: list[tuple[tuple[int, ...], str]] = []
    for python in root.glob("[0-9]*.*/bin/python"):
        found = re.match(r"(\d+)\.(\d+)\.(\d+)$", python.parent.parent.name)
        if found:
            number = tuple(map(int, found.groups()))
            if low <= number[:2] < high:
                held.append((number, str(python)))
    return [request, *(path for _, path in sorted(held, reverse=True))]


def _runs(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
