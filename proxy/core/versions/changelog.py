"""What each change says about itself: its docstring, cut into its parts.

Every module of a change begins with one sentence, then ``Why:``, ``Lost:`` and ``Source:``, each a paragraph that goes
on until the next of them.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from proxy.core.versions.change import VersionChange

_PART = re.compile(r"^(Why|Lost|Source):\s*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the changelog; texts in reStructuredText as they stand, lines joined."""

    headline: str
    why: str
    lost: str
    source: str


def entry(change: VersionChange) -> Entry:
    """The entry of a change, from the module that is named like it."""
    module = next((each for name, each in sys.modules.items() if _is_module_of(change, name)), None)
    return parse((module.__doc__ if module is not None else None) or "")


def parse(text: str) -> Entry:
    """Cut a docstring into its parts; a part that is not there is empty."""
    pieces = _PART.split(text)
    parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    headline, why, lost, source = (
        " ".join(piece.split()) for piece in (pieces[0], *(parts.get(name, "") for name in ("Why", "Lost", "Source")))
    )
    return Entry(headline, why, lost, source)


def _is_module_of(change: VersionChange, name: str) -> bool:
    return name.startswith("proxy.core.versions.v") and name.endswith(f".{change.name}")
