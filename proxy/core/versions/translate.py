"""A client's request in the server's dialect, and the server's answer in the client's.

Everything here is sans-I/O. A running translation is a generator that yields requests in the server's dialect, is sent
the answers, and returns the answer for the client::

    translation = plan(match, request, dialects)     # None: pass the bytes on untouched
    steps = translation.run()
    answer = ...  # next(steps) -> Request; steps.send(Response) -> Request or StopIteration(value=Response)

Who speaks: a client whose version is the server's own passes untouched, bugs included. A client that names no version
speaks the path that it used, so when the server lacks that path, it counts as the version that had it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import lru_cache

from proxy.core.endpoints.catalogue import CATALOGUE, render
from proxy.core.endpoints.spec import Kind, Match
from proxy.core.messages import Headers, Request, Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.bundle import CHANGES
from proxy.core.versions.calls import UnreadableBodyError, parameters, read_call
from proxy.core.versions.change import Answers, Call, Dialects, VersionChange
from proxy.core.versions.reach import certain, refusal, route_on
from proxy.core.versions.walk import Steps, Way, ask, back, concerned, successes_too, touches, walk

OTHER_PATH = "other_path"
"""Stands among names of changes for a request that only went to another path or by another method."""


class Translation:
    """One request on its way through the changes.

    Attributes:
        changes: names of the changes that did something, in order; complete once ``run`` has returned.
        first: the request that ``run`` yields first; None when the answer needs no server at all.
        moved: whether that request has another path or method than the client's.
    """

    __slots__ = ("_answer", "_steps", "changes", "first", "moved")

    def __init__(self, steps: Steps, changes: list[str], asked: Request | None = None) -> None:
        self.changes = changes
        self.moved = False
        self.first: Request | None = None
        self._steps = steps
        self._answer: Response | None = None
        try:  # the first step is taken here, so that a refusal comes before anything is journaled or sent
            self.first = next(steps)
            self.moved = asked is not None and (asked.method, asked.path) != (self.first.method, self.first.path)
        except StopIteration as done:
            self._answer = done.value

    def run(self) -> Steps:
        """Yield requests, be sent their answers, return the answer for the client. To be run once.

        Raises:
            CannotTranslateError: a later step met something that the server cannot do.
        """
        if self._answer is not None:
            return self._answer
        if self.first is None:
            raise RuntimeError("a translation runs once")
        request, self.first = self.first, None
        while True:
            answer = yield request
            try:
                request = self._steps.send(answer)
            except StopIteration as done:
                final: Response = done.value
                return final


def needed(match: Match, dialects: Dialects) -> bool:
    """Whether the request must be read and translated; False: pass it on as bytes. One look-up, cheap enough for all.

    True when the server does not serve the client's route, or a change may have to look inside this operation.
    ``answer_only`` tells whether the *answer* has to be looked at.
    """
    if dialects.alike and not dialects.emulated:
        return False
    route = match.route
    return _needed(match.operation.name, route.method, route.template, *_pair(dialects))


def answer_only(operation: str, dialects: Dialects) -> tuple[VersionChange, ...]:
    """The changes that look at nothing but the answers of this operation; when there are none it can be streamed.

    See ``Answers``: where all of them look at errors alone, successes can be streamed still.
    """
    return _answer_only(operation, *_pair(dialects))


def translate_answer(response: Response, match: Match, dialects: Dialects) -> tuple[Response, list[str]]:
    """Run the ``answer_only`` changes over an answer that was read; returns it and the names of those that acted."""
    applied: list[str] = []
    call = Call(match.operation.name, dict(match.params))
    changes = answer_only(match.operation.name, dialects)
    entered = [(change, call) for change in changes if change.meets(call, dialects)]
    return back(response, entered, dialects, applied), applied


def revealed(response: Response, match: Match, dialects: Dialects, applied: list[str]) -> Response:
    """An answer with what the request itself was the first to emulate on the server, see ``VersionChange.reveals``.

    ``dialects`` are those of the request: they did not know of anything emulated yet.
    """
    now = replace(dialects, emulated=True)
    call = Call(match.operation.name, dict(match.params))
    changes = answer_only(match.operation.name, now)
    return back(response, [(each, call) for each in changes if each.reveals and each.meets(call, now)], now, applied)


def read_whole(match: Match, dialects: Dialects) -> bool:
    """Whether the successful answer of a streamed operation has to be looked at as well, for this very path."""
    return any(
        change.answers is not Answers.ERRORS and change.meets(Call(match.operation.name, match.params), dialects)
        for change in answer_only(match.operation.name, dialects)
    )


def detour(
    match: Match, dialects: Dialects, applied: list[str], *, missing: bool
) -> Generator[Request, Response, Call | Response | None]:
    """Where the bytes of a streamed operation are instead, see ``VersionChange.detour``; None: nowhere else.

    The steps yield requests and return a whole answer from the first change that has one, else the call to stream:
    a call that one change returned goes on to the changes below it. ``missing`` asks the changes that know what to do
    once the server has no such artifact.
    """
    call = asked = Call(match.operation.name, dict(match.params))
    for index, change in enumerate(CHANGES):
        way = change.detour_if_missing if missing else change.detour
        if way is None or not change.meets(call, dialects):
            continue
        found = yield from _take(way(call, dialects), Way(dialects, match.route.surface, (), applied), index + 1)
        if found is not None:
            applied.append(change.name)
        if isinstance(found, Response):
            return found
        call = found or call
    return call if call is not asked else None


def has_detours(operation: str, dialects: Dialects) -> bool:
    """Whether ``detour`` may have an answer for this operation between these two."""
    if dialects.alike and not dialects.emulated:
        return False
    return _has_detours(operation, *_pair(dialects))


@lru_cache(maxsize=8192)
def holds(operation: str, dialects: Dialects) -> bool:
    """Whether the server can do an operation at all: it has a route, or a change stands in for it.

    Whether it can do a particular call (a filter, a value) only ``plan`` can tell.
    """
    if route_on(CATALOGUE[operation], dialects.server, "api") is not None:
        return True
    return any(change.recipe or change.request for change in concerned(operation, dialects))


def plan(match: Match, request: Request, dialects: Dialects) -> Translation | None:
    """How to do a client's request on the server; None: pass its bytes on and its answer back.

    Then a success is untouched, and can be streamed; an error is for ``translate_answer``.

    Raises:
        CannotTranslateError: the server has no way to do it.
        RequestError: an argument that the server's path needs is missing.
    """
    applied: list[str] = []
    if not needed(match, dialects):
        if not any(successes_too(change) for change in answer_only(match.operation.name, dialects)):
            return None
        return Translation(_pass_on(match, request, dialects, applied), applied)
    dialects = _as_spoken(match, dialects)
    surface = match.route.surface
    served = _served(match, dialects.server)
    same = request if served else _moved(match, request, dialects.server)
    call = None if match.operation.streamed or request.method == "HEAD" else _readable(match, request)
    if call is not None and (not served or touches(call, dialects)):
        way = Way(dialects, surface, request.headers, applied, (call, same) if same is not None else None)
        return Translation(walk(call, way), applied, request)
    if served:
        return None
    if same is None:
        raise refusal(match.operation, dialects.server)
    return Translation(ask(same, match.operation, dialects.server), applied, request)


def translate_call(
    call: Call,
    dialects: Dialects,
    *,
    surface: str = "api",
    headers: Headers = (),
    applied: list[str] | None = None,
) -> Steps:
    """As ``plan``, for calls of our own making (the mirror): there is always something to send.

    ``dialects.client`` is whose *meaning* the call has: for a mirrored write the serving side's version, because what
    is replayed is what that server did. Names of changes that act are added to ``applied``.

    Raises:
        CannotTranslateError: when it is advanced, if the server has no way to do it.
    """
    return walk(call, Way(dialects, surface, headers, [] if applied is None else applied))


def _pass_on(match: Match, request: Request, dialects: Dialects, applied: list[str]) -> Steps:
    """The request as it is; only its answer is looked at."""
    answer = yield request
    answer, names = translate_answer(answer, match, dialects)
    applied.extend(names)
    return answer


def _moved(match: Match, request: Request, server: Version) -> Request | None:
    """The same bytes under the path that the server has, None when the method differs or there is no such path."""
    used, route = match.route, route_on(match.operation, server, match.route.surface)
    if route is None or route.method != used.method or parameters(route.template) != parameters(used.template):
        return None
    return request if route.template == used.template else replace(request, path=render(route, match.params))


def _as_spoken(match: Match, dialects: Dialects) -> Dialects:
    """``dialects`` with a client version for a client that names none but uses a path that the server lacks."""
    if dialects.client is not None or _served(match, dialects.server):
        return dialects
    return replace(dialects, client=match.route.last or match.route.first)


def _served(match: Match, server: Version) -> bool:
    """Whether the server has the very route that the client used.

    Pages of the UI count as served, they belong to their own server. So do streams that it may have: nothing could be
    done about their answer anyway.
    """
    return _has_route(match.operation.name, match.route.method, match.route.template, server)


def _has_route(name: str, method: str, template: str, server: Version) -> bool:
    operation = CATALOGUE[name]
    used = next(route for route in operation.routes if (route.method, route.template) == (method, template))
    if operation.kind is Kind.UI or any(
        route.method == method and route.template == template and route.serves(server) for route in operation.routes
    ):
        return True
    if not operation.streamed or certain(operation, server):
        return False
    perhaps = route_on(operation, server, used.surface)
    return perhaps is not None and (perhaps.method, perhaps.template) == (method, template)


def _readable(match: Match, request: Request) -> Call | None:
    """The call, None when the body is not JSON: then the server shall say what is wrong with it."""
    try:
        return read_call(match, request)
    except UnreadableBodyError:
        return None


def _pair(dialects: Dialects) -> tuple[Version | None, Version, bool]:
    return dialects.client, dialects.server, dialects.emulated


@lru_cache(maxsize=8192)  # clients may claim any version, so the memory is bounded
def _needed(
    operation: str, method: str, template: str, client: Version | None, server: Version, emulated: bool
) -> bool:
    dialects = Dialects(client, server, emulated)
    if not dialects.alike and not _has_route(operation, method, template, server):
        return True
    return any(not change.answer_only for change in concerned(operation, dialects))


@lru_cache(maxsize=8192)
def _answer_only(operation: str, client: Version | None, server: Version, emulated: bool) -> tuple[VersionChange, ...]:
    return tuple(
        change
        for change in concerned(operation, Dialects(client, server, emulated))
        if change.answer_only and change.response is not None
    )


@lru_cache(maxsize=4096)
def _has_detours(operation: str, client: Version | None, server: Version, emulated: bool) -> bool:
    changes = concerned(operation, Dialects(client, server, emulated))
    return any(change.detour or change.detour_if_missing for change in changes)


def _take(
    steps: Generator[Call, Response, Call | Response | None], way: Way, start: int
) -> Generator[Request, Response, Call | Response | None]:
    """Do the calls of a detour, each through the changes below it."""
    try:
        call = next(steps)
        while True:
            call = steps.send((yield from walk(call, way, start)))
    except StopIteration as done:
        found: Call | Response | None = done.value
        return found
