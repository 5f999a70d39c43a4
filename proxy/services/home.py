"""Home: kinds of objects that the serving side cannot hold live on the other side.

A 1.x server has no traces, a 2.x one no evaluation datasets. While such a server serves and the other one follows,
requests about those kinds are done by the other one, ids mapped, so that new clients see no refusal. What they refer to
(an experiment, a run) is brought over first if the mirror has not done so yet. Such writes are journaled as skipped
with the reason ``home``: they are what the serving side could not hold after a rollback.

The other side is a luxury here. When it cannot be reached in time, the client gets the refusal that it would get
without it, at once: clients retry server errors for minutes, and nobody's training shall wait for a trace. After one
that was waited for in vain, the next ones are given little time, until something is answered again.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol, TypeVar

from proxy.core.cutover import Phase
from proxy.core.endpoints.catalogue import APART
from proxy.core.endpoints.spec import Lane, Match
from proxy.core.id_sites import EXPERIMENT, TOKEN, Ref
from proxy.core.idmap import refs_in_request
from proxy.core.lanes import lane_of
from proxy.core.messages import Request, Side
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Call, Dialects
from proxy.core.versions.reach import feature_absent
from proxy.core.versions.translate import holds
from proxy.errors import CannotTranslateError, GoneError, SyncFailedError, TightropeError, UpstreamError
from proxy.services.ports import Backend
from proxy.services.sync import Syncer

_PATIENCE_S = 10.0
_PATIENCE_WITH_SILENCE_S = 1.0
_PATIENCE_WITH_MIRROR_S = 3.0
_REMEMBERED = 20_000
_SINCE_TRACES = Version(2, 14)
_WITH_TRACES = frozenset({"ExportOtlpTraces", "GetVersion"})
"""Clients send spans, and ask for the version to know whether they can, where traces are: one place for both."""

_ASKS_FOR_SPANS = Version(3, 6)
"""Clients since then ask a server for its version, and for no other reason."""

_LANES = {EXPERIMENT: (Lane.EXPERIMENT,), TOKEN: (Lane.RUN, Lane.TRACE, Lane.LOGGED_MODEL)}
"""Where a mention of an id may have something pending."""

_TRACE_FILE = re.compile(r"^(?:workspaces/[^/]+/)?\d+/traces/")

T = TypeVar("T")
CaughtUp = Callable[[Collection[str]], Awaitable[None]]
"""Returns once nothing is pending in these lanes."""


class PhaseHolder(Protocol):
    """Who knows the phase."""

    phase: Phase


class Home:
    """Says where a request belongs, and makes that side ready for it."""

    def __init__(
        self, backends: Mapping[Side, Backend], phases: PhaseHolder, syncer: Syncer, caught_up: CaughtUp
    ) -> None:
        self._backends = backends
        self._phases = phases
        self._syncer = syncer
        self._caught_up = caught_up
        self._ready: OrderedDict[Ref, None] = OrderedDict()  # there already, or nothing that could be brought
        self._silent = False  # it gave no answer the last time

    def of(self, found: Match, client: Version | None) -> Side:
        """The side that a request belongs to: the serving one wherever it can do it, by whatever means."""
        phase = self._phases.phase
        serving = phase.serving
        name = found.operation.name
        if name == "GetVersion" and (client is None or client < _ASKS_FOR_SPANS):
            return serving
        if not phase.delivers or not (found.operation.streamed or name in APART or name in _WITH_TRACES):
            return serving
        ours, theirs = self.version(serving), self.version(serving.other)
        if ours is None or theirs is None:
            return serving
        if found.operation.streamed:
            path = found.params.get("artifact_path", "")
            lacks = ours < _SINCE_TRACES <= theirs and _TRACE_FILE.match(path) is not None
        else:
            name = "StartTraceV3" if name in _WITH_TRACES else name
            lacks = not holds(name, Dialects(client, ours)) and holds(name, Dialects(client, theirs))
        return serving.other if lacks else serving

    async def ready(self, found: Match, request: Request, home: Side) -> None:
        """Bring over what the request refers to, where the mirror has not done so yet.

        Raises:
            CannotTranslateError: it cannot be done now.
        """
        refs = refs_in_request(request, found)
        lanes = {lane_of(kind, name) for ref, name in refs for kind in _LANES.get(ref, ())}
        if not self._silent:
            with contextlib.suppress(asyncio.TimeoutError):  # what can be brought is brought all the same
                await asyncio.wait_for(self._caught_up(lanes), _PATIENCE_WITH_MIRROR_S)
        for ref in refs:
            if ref not in self._ready and ref[0] in {EXPERIMENT, TOKEN} and ref[1] != "0":
                await self.bounded(found, home, self._bring(ref, home.other))
                self._remember(ref)

    async def bounded(self, found: Match, home: Side, work: Awaitable[T]) -> T:
        """The result of work on the home side, or the refusal that there would be without such a side.

        Raises:
            CannotTranslateError: the home side did not do it in time, or could not.
        """
        try:
            result = await asyncio.wait_for(work, _PATIENCE_WITH_SILENCE_S if self._silent else _PATIENCE_S)
        except (UpstreamError, asyncio.TimeoutError) as error:
            self._silent = True
            why = error.message if isinstance(error, TightropeError) else f"{home.value} gave no answer in time"
            raise self.refusal(found, home, why) from error
        except SyncFailedError as error:
            raise self.refusal(found, home, error.message) from error
        self._silent = False
        return result

    def refusal(self, found: Match, home: Side, why: str) -> CannotTranslateError:
        """What a client is told when the home side did not do it, in words that start as without such a side."""
        version = self.version(home.other)
        absent = feature_absent(found.operation, version) if version is not None else found.operation.name
        return CannotTranslateError(
            f"{absent}. While {home.other.value} serves it lives on {home.value}, which did not do it: {why}",
            hint="Nothing else is affected; it works again as soon as that server does.",
        )

    async def _bring(self, ref: Ref, source: Side) -> None:
        kind, public = ref
        try:
            if kind == EXPERIMENT:
                await self._syncer.ensure_experiment(public, source)
            elif "-" not in public and await self._is_run(public, source):
                await self._syncer.ensure_run(public, source)
        except GoneError:
            return  # the home side says itself that there is no such thing

    async def _is_run(self, public: str, source: Side) -> bool:
        client = self._syncer.client(source)
        known = await client.identity.known((TOKEN, public))
        if known is not None and known.local(source.other) is not None:
            return False
        return (await self._syncer.asked(client, Call("GetRun", {"run_id": public}))).ok

    def version(self, side: Side) -> Version | None:
        """A side's version, as far as it is known."""
        backend = self._backends.get(side)
        return backend.version if backend is not None else None

    def _remember(self, ref: Ref) -> None:
        self._ready[ref] = None
        if len(self._ready) > _REMEMBERED:
            self._ready.popitem(last=False)
