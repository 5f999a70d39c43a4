"""What an outlook says (``outlook.py`` works it out); values that the command line reads back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Need:
    """One kind and version of client that depends on Tightrope.

    ``operations`` are those that it was seen to use and that depend on it, the latest first, at most twenty of
    ``count``; ``last_seen`` is when the last of them was used (seconds since the epoch).
    """

    client: str
    version: str
    operations: tuple[str, ...]
    count: int
    last_seen: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Who would need Tightrope with one side serving.

    Attributes:
        side, version: the side and the version of its server.
        always: clients that use what is translated or emulated whatever the call says.
        sometimes: clients that use what is native but for some calls.
        missing: clients that use what is refused with this server.
        line: all of it in one sentence.
    """

    side: str
    version: str
    always: tuple[Need, ...]
    sometimes: tuple[Need, ...]
    missing: tuple[Need, ...]
    line: str

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outlook:
        """Read what ``dataclasses.asdict`` made of one."""
        needs = {
            name: tuple(Need(**{**need, "operations": tuple(need["operations"])}) for need in data[name])
            for name in ("always", "sometimes", "missing")
        }
        return cls(**{**data, **needs})
