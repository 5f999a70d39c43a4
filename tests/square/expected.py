"""The one table of what fails, and why: a failure that is not here fails the square, and so does one that is no more.

``because`` is a regular expression that the client's error must fit. Through Tightrope a refusal names what was asked
for and the server that has it; the other reasons are a server's own, which Tightrope neither causes nor may hide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Mode = Literal["direct", "proxy", "pair"]


@dataclass(frozen=True)
class Setting:
    """Who talks to whom."""

    client: str
    server: str
    """The server behind; of a pair the blue one."""
    mode: Mode = "proxy"
    writer: str | None = None
    """Of a reading: the client that wrote."""


@dataclass(frozen=True)
class Declared:
    """Operations that fail in some settings, with the reason."""

    operations: tuple[str, ...]
    """Names; of readings ``read run`` and the like."""
    because: str
    clients: tuple[str, str] = ("0.0.0", "99.0.0")
    """First and last version, both included; so below."""
    servers: tuple[str, str] = ("0.0.0", "99.0.0")
    modes: tuple[Mode, ...] = ("direct", "proxy", "pair")
    writers: tuple[str, str] | None = None
    """Readings of what these clients wrote; None for operations, and readings of anybody's."""

    def applies(self, setting: Setting) -> bool:
        """Whether this setting is meant."""
        return (
            setting.mode in self.modes
            and _within(setting.client, self.clients)
            and _within(setting.server, self.servers)
            and (self.writers is None or (setting.writer is not None and _within(setting.writer, self.writers)))
        )

    def fits(self, message: str) -> bool:
        """Whether an error is the declared one."""
        return re.search(self.because, message, re.DOTALL) is not None


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _within(version: str, bounds: tuple[str, str]) -> bool:
    return _number(bounds[0]) <= _number(version) <= _number(bounds[1])


def expected(operation: str, setting: Setting) -> Declared | None:
    """The declaration for an operation, None where it must succeed."""
    name = re.sub(r"^(read .*) \d+$", r"\1", operation)
    found = [each for each in TABLE if name in each.operations and each.applies(setting)]
    return found[0] if found else None


def _needs(feature: str, version: str) -> str:
    """The words of a refusal."""
    return rf"{feature}.* MLflow server >= {re.escape(version)}"


_LIMIT = r"exceed(s|ed) (length limit|max length|the maximum length)|at most|length limit"

TABLE: tuple[Declared, ...] = ()
