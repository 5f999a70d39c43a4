"""The command as an operator meets it when the configuration is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.timeout(60)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("blue: {url: 'http://127.0.0.1:1', color: blue}\n", ["color"]),
        ("green: {url: 'http://127.0.0.1:1'}\n", ["blue", "required"]),
        ("blue: {url: 'ftp://x'}\nmirror: {concurrency: none}\n", ["ftp://x", "concurrency", "2 problems"]),
        ("blue: {url: 'http://127.0.0.1:1'}\nphase: mirroring\n", ["green"]),
        ("blue: [\n", ["YAML", "line"]),
    ],
    ids=["unknown key", "no url", "two problems", "no green", "no yaml"],
)
def test_wrong_configuration(tmp_path: Path, text: str, words: list[str]) -> None:
    """It ends at once with exit code 2, and says what is wrong without a traceback."""
    file = tmp_path / "tightrope.yaml"
    file.write_text(text)
    command = [sys.executable, "-m", "proxy", "serve", "-c", str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert all(word in done.stderr for word in words), done.stderr
