"""The walk: one call through the version changes down to the server, and its answer back up.

A call enters the bundle at its top. Request parts run downwards, a recipe takes over from where it stands (the calls
that it makes go on downwards from there, so nothing can meet itself), and response parts run back upwards.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.endpoints.spec import Operation
from proxy.core.messages import Headers, Request, Response
from proxy.core.mlflow_version import Version
from proxy.core.versions.bundle import CHANGES
from proxy.core.versions.calls import write_call
from proxy.core.versions.change import Answers, Call, Dialects, VersionChange
from proxy.core.versions.reach import certain, no_such_page, refusal

Steps = Generator[Request, Response, Response]
"""Yields requests in the server's dialect, is sent their answers, returns the answer for the client."""


@dataclass(frozen=True, slots=True)
class Way:
    """What stays the same all the way down.

    ``surface`` and ``headers`` are for every request that is written, ``applied`` collects the names of changes that
    acted, ``same`` is a call together with the request that already says it.
    """

    dialects: Dialects
    surface: str
    headers: Headers
    applied: list[str]
    same: tuple[Call, Request] | None = None


def walk(call: Call, way: Way, start: int = 0) -> Steps:
    """``call`` through ``CHANGES[start:]`` and its answer back."""
    dialects = way.dialects
    entered: list[tuple[VersionChange, Call]] = []
    answer: Response | None = None
    for index, change in _candidates(call.operation, dialects.client, dialects.server, dialects.emulated):
        if index < start or not (change.applies is None or change.applies(call, dialects)):
            continue
        if change.recipe is not None:
            answer = yield from _cook(change, call, way, index + 1)
            break
        if change.response is not None:
            entered.append((change, call))
        if change.request is not None:
            changed = change.request(call, dialects)
            if changed is call:
                continue
            _note(change, way.applied)
            if changed.operation != call.operation:  # from here on other changes concern it
                answer = yield from walk(changed, way, index + 1)
                break
            call = changed
    if answer is None:
        if way.same is not None and way.same[0] is call:  # no part touched it: its bytes go as they came
            request = way.same[1]
        else:
            request = write_call(call, dialects.server, surface=way.surface, headers=way.headers)
        answer = yield from ask(request, CATALOGUE[call.operation], dialects.server)
    return back(answer, entered, dialects, way.applied)


def _cook(change: VersionChange, call: Call, way: Way, start: int) -> Steps:
    """Do the calls of a change's recipe, each through the changes below it.

    One that reveals what was left behind did nothing if the client gets the server's answer to its very call.
    """
    if change.recipe is None:
        raise ValueError(f"{change.name} has no recipe")
    place, own, recipe = len(way.applied), None, change.recipe(call, way.dialects)
    if not change.reveals:
        _note(change, way.applied)
    try:
        wanted = next(recipe)
        while True:
            answer = yield from walk(wanted, way, start)
            own = answer if wanted is call else own
            wanted = recipe.send(answer)
    except StopIteration as done:
        response = _response(done)
        if change.reveals and response is not own and change.name not in way.applied:
            way.applied.insert(place, change.name)
        return response


def back(
    answer: Response, entered: Sequence[tuple[VersionChange, Call]], dialects: Dialects, applied: list[str]
) -> Response:
    """``answer`` through the response parts, last entered first."""
    for change, call in reversed(entered):
        if change.response is None or not change.answers.include(answer.status):
            continue
        changed = change.response(answer, call, dialects)
        if changed is not answer:
            _note(change, applied)
        answer = changed
    return answer


def ask(request: Request, operation: Operation, server: Version) -> Steps:
    """Send one request; a page that says "not found" refuses an operation that the server only perhaps has."""
    answer = yield request
    if no_such_page(answer) and not certain(operation, server):
        raise refusal(operation, server)
    return answer


def concerned(operation: str, dialects: Dialects) -> list[VersionChange]:
    """The changes that may have to do with ``operation`` between these two, arguments unseen."""
    return [change for _, change in _candidates(operation, dialects.client, dialects.server, dialects.emulated)]


@lru_cache(maxsize=8192)  # clients may claim any version, so the memory is bounded
def _candidates(
    operation: str, client: Version | None, server: Version, emulated: bool
) -> tuple[tuple[int, VersionChange], ...]:
    """What concerns an operation, with its place in the bundle: few of the many."""
    dialects = Dialects(client, server, emulated)
    return tuple((index, change) for index, change in enumerate(CHANGES) if change.concerns(operation, dialects))


def touches(call: Call, dialects: Dialects) -> bool:
    """Whether any change has to do with this very call, but for those that look at nothing but errors."""
    return any(
        successes_too(change) and (change.applies is None or change.applies(call, dialects))
        for change in concerned(call.operation, dialects)
    )


def successes_too(change: VersionChange) -> bool:
    """Whether a change looks at more than the errors that a server answers."""
    return not change.answer_only or change.answers is not Answers.ERRORS


def _note(change: VersionChange, applied: list[str]) -> None:
    if change.name not in applied:
        applied.append(change.name)


def _response(done: StopIteration) -> Response:
    answer: Response = done.value
    return answer
