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

Bodies that are streamed (artifacts) are no calls to read. A change that knows where such bytes are instead has a
``detour``: a generator like a recipe that returns the call to stream in the place of the client's, a whole answer, or
None to stay on the way.

A part that has nothing to do returns the very object it was given: that is how the walk knows what was translated.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from proxy.core.messages import Response
from proxy.core.mlflow_version import Version

Range = tuple[Version | None, Version | None]
"""First and last version, inclusive; None is open."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its arguments, independent of how HTTP carries them.

    ``arguments`` merges path parameters, query and JSON body by field name; a query field given several times is a
    list. Values from a query are strings.
    """

    operation: str
    arguments: Mapping[str, Any]
    known_as: str = ""
    """For a create on behalf of an emulation: the id by which clients already know the object. The server's own id is
    its local one, and is replaced from then on, wherever it stands."""


@dataclass(frozen=True, slots=True)
class Dialects:
    """Who speaks and who listens.

    ``client`` is None for clients that do not say (plain HTTP, Java, R): they speak the path that they used.
    ``emulated`` says that the server may hold what was emulated on it, in hidden tags, so that even its own clients
    need their answers looked at. ``token`` (32 hex digits, new for every request) and ``now_ms`` (milliseconds since
    the epoch) are for what a change has to make up: the core has neither chance nor a clock.
    """

    client: Version | None
    server: Version
    emulated: bool = False
    token: str = "0" * 32
    now_ms: int = 0

    @property
    def alike(self) -> bool:
        """Whether the client is of the server's own version: then it gets what it would get without us."""
        return self.client == self.server


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
Detour = Callable[[Call, Dialects], Generator[Call, Response, "Call | Response | None"]]
Condition = Callable[[Call, Dialects], bool]


@dataclass(frozen=True, slots=True)
class VersionChange:
    """One difference between versions, and how to bridge it.

    Attributes:
        name: verb first, what changed; a metric label and the value of the ``x-tightrope-translated`` header.
        operations: the catalogue names it concerns; an unknown name is a start-up error.
        servers: first and last server version it applies to, inclusive; None is open.
        clients: the same for clients. A client that does not say its version is in no range but the open one.
        reveals: it shows, hides or heeds what emulations left on the server. Where nothing was emulated it does not
            exist; where something was, clients of the server's own version meet it as well.
        applies: a further condition on the call and the dialects (pure, cheap); None: always.
        looks_inside: whether the arguments must be known to tell if it applies. When False and ``request`` and
            ``recipe`` are None, the request passes as bytes and only the answer is looked at; the call that its parts
            see may then hold the parameters of the path and nothing else.
        request, response, recipe: see the module.
        answers: which answers ``response`` looks at.
        detour: for streamed operations, see the module; asked before anything is sent.
        detour_if_missing: the same, asked once the server has answered that there is no such artifact, or 500, which
            old servers say for that.
        emulates: the server has nothing of the kind, and something else stands for it; otherwise it is a translation.
        lost: what does not survive, in words for people; empty when nothing is lost.
        when: which calls it has to do with, in words for people that go on after "when"; empty: all of them. Whatever
            has a condition (``applies``, ``detour_if_missing``) has words for it.
    """

    name: str
    operations: frozenset[str]
    servers: Range
    clients: Range = (None, None)
    reveals: bool = False
    applies: Condition | None = None
    looks_inside: bool = True
    request: RequestPart | None = None
    response: ResponsePart | None = None
    recipe: Recipe | None = None
    answers: Answers = Answers.SUCCESS
    detour: Detour | None = None
    detour_if_missing: Detour | None = None
    emulates: bool = False
    lost: str = ""
    when: str = ""

    @property
    def direction(self) -> str:
        """``response`` for a change of answers alone; else ``request``, though it may look at the answer as well."""
        return "response" if self.response is not None and self.request is None else "request"

    @property
    def answer_only(self) -> bool:
        """Whether requests pass it as bytes."""
        return not self.looks_inside and self.request is None and self.recipe is None

    def concerns(self, operation: str, dialects: Dialects) -> bool:
        """Whether it may apply to this operation between these two, before looking at arguments."""
        if operation not in self.operations or not within(dialects.server, self.servers):
            return False
        if self.reveals and not dialects.emulated:
            return False
        if dialects.alike and not self.reveals:
            return False
        return self.clients == _ANYBODY or (dialects.client is not None and within(dialects.client, self.clients))

    def meets(self, call: Call, dialects: Dialects) -> bool:
        """Whether it applies to this very call."""
        return self.concerns(call.operation, dialects) and (self.applies is None or self.applies(call, dialects))


def by_operation(recipes: Mapping[str, Recipe]) -> Recipe:
    """The recipe that leaves each operation to its own."""

    def recipe(call: Call, dialects: Dialects) -> Generator[Call, Response, Response]:
        return recipes[call.operation](call, dialects)

    return recipe


def within(version: Version, bounds: Range) -> bool:
    """Whether a version lies in a range, its ends included."""
    first, last = bounds
    return (first is None or first <= version) and (last is None or version <= last)


def before(version: Version) -> Version:
    """The upper end of "servers older than ``version``" (``2.5.0`` gives ``2.4.999``), for ``servers``."""
    if version.patch:
        return Version(version.major, version.minor, version.patch - 1)
    if version.minor:
        return Version(version.major, version.minor - 1, _HIGHEST)
    return Version(version.major - 1, _HIGHEST, _HIGHEST)


_HIGHEST = 999
_ANYBODY = (None, None)
