"""Recorded exchanges with real servers and clients; every file says where its content comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def recorded(name: str) -> Any:
    """The content of a recording, a fresh copy."""
    return json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))["content"]
