"""What a version change is.

A request is first read into a :class:`Call`: the operation and its arguments, whatever mixture of path parameters,
query string and JSON body carried them. Changes turn calls of the client's dialect into calls that the server
understands, and the server's answer into one that the client understands. A call is rendered to HTTP for a given
server version by the catalogue's routes, so differences in path and method alone need no change at all.

A change has up to two parts, both pure:

``request``   call -> call
``response``  (answer, the call the client made) -> answer

and one that needs several calls (a page loop, a read before a write) has a ``recipe`` instead: a generator that yields
calls, is sent their answers, and returns the answer for the client. It never sees a socket; the forwarder and the
mirror run it.

A part that has nothing to do returns the very object it was given: that is how the walk knows what was translated.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its arguments, independent of how HTTP carries them.

    ``arguments`` merges path parameters, query and JSON body by field name; a query field given several times is a
    list. Values from a query are strings.
    """

    operation: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dialects:
    """Who speaks and who listens.

    ``client`` is None for clients that do not say (plain HTTP, Java, R): they speak the path that they used.
    """

    client: Version | None
    server: Version


class Answers(str, Enum):
    """Which answers the ``response`` part of a change looks at."""

    SUCCESS = "success"  # 2xx
    ERRORS = "errors"  # anything else, so that a success can be streamed
    ALL = "all"

    def include(self, status: int) -> bool:
        """Whether an answer with this HTTP status is looked at."""
        return self is Answers.ALL or (self is Answers.SUCCESS) == (200 <= status < 300)


RequestPart = Callable[[Call, Dialects], Call]
ResponsePart = Callable[[Response, Call, Dialects], Response]
Recipe = Callable[[Call, Dialects], Generator[Call, Response, Response]]
Condition = Callable[[Call, Dialects], bool]


@dataclass(frozen=True, slots=True)
class VersionChange:
    """One difference between versions, and how to bridge it.

    Attributes:
        name: verb first, what changed; a metric label and the value of the ``x-tightrope-translated`` header.
        operations: the catalogue names it concerns; an unknown name is a start-up error.
        servers: first and last server version it applies to, inclusive; None is open.
        applies: a further condition on the call and the dialects (pure, cheap); None: always.
        looks_inside: whether the arguments must be known to tell if it applies. When False and ``request`` and
            ``recipe`` are None, the request passes as bytes and only the answer is looked at; the call that its parts
            see may then hold the parameters of the path and nothing else.
        request, response, recipe: see the module.
        answers: which answers ``response`` looks at.
        lost: what does not survive, in words for people; empty when nothing is lost.
    """

    name: str
    operations: frozenset[str]
    servers: tuple[Version | None, Version | None]
    applies: Condition | None = None
    looks_inside: bool = True
    request: RequestPart | None = None
    response: ResponsePart | None = None
    recipe: Recipe | None = None
    answers: Answers = Answers.SUCCESS
    lost: str = ""

    @property
    def answer_only(self) -> bool:
        """Whether requests pass it as bytes."""
        return not self.looks_inside and self.request is None and self.recipe is None

    def concerns(self, operation: str, server: Version) -> bool:
        """Whether it may apply to this operation on this server, before looking at arguments."""
        first, last = self.servers
        return operation in self.operations and (first is None or first <= server) and (last is None or server <= last)


def before(version: Version) -> Version:
    """The upper end of "servers older than ``version``" (``2.5.0`` gives ``2.4.999``), for ``servers``."""
    if version.patch:
        return Version(version.major, version.minor, version.patch - 1)
    if version.minor:
        return Version(version.major, version.minor - 1, _HIGHEST)
    return Version(version.major - 1, _HIGHEST, _HIGHEST)


_HIGHEST = 999
