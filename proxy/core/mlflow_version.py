"""MLflow versions as comparable values."""

from __future__ import annotations

import re
from typing import NamedTuple

_PATTERN = re.compile(r"^v?(\d+)\.(\d+)(?:\.(\d+))?")


class Version(NamedTuple):
    """A release of MLflow, e.g. ``Version(2, 22, 4)``; pre-release suffixes are dropped."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``"2.22.4"``, ``"3.1"`` or ``"3.2.0rc1"``.

        Raises:
            ValueError: the text does not begin with a version.
        """
        found = _PATTERN.match(text.strip())
        if found is None:
            raise ValueError(f"not an MLflow version: {text!r}")
        return cls(int(found[1]), int(found[2]), int(found[3] or 0))
