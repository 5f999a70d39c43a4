"""The frozen values that travel between the deciding and the acting parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

Headers = tuple[tuple[str, str], ...]


class Side(str, Enum):
    """Blue is the server being upgraded from, green the one being upgraded to."""

    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> Side:
        """The side across."""
        return Side.GREEN if self is Side.BLUE else Side.BLUE


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request with its body in memory.

    ``path`` is the raw path without the query (still percent-encoded), ``query`` the raw query without ``?``.
    ``known_as`` is the id that clients already know the object by which this request makes (see ``Call``).
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    known_as: str = ""

    @property
    def target(self) -> str:
        """Path and query as they stand on the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer with its body in memory."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


def header(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """The first value of ``name``, whatever its case."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)
