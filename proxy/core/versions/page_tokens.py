"""Page tokens as MLflow's stores make them: a JSON object in base64, ``{"offset": 100}``."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any


def write(content: Mapping[str, Any]) -> str:
    """The token that holds ``content``."""
    return base64.b64encode(json.dumps(content).encode()).decode()


def read(token: Any) -> dict[str, Any] | None:
    """What a token holds; None when it is of another kind."""
    try:
        found = json.loads(base64.b64decode(str(token), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
