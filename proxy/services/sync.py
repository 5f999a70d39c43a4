"""``sync(object)``: read an object from one side and bring the other side to it, idempotently.

The same routine settles records in doubt, brings over what existed before the window when a write needs it, and
redoes parked writes that newer ones have overtaken. Which writes it makes up for is ``sync_plan.COVERED``. Work on one
object is done one at a time, creates by the mirror included, so that nothing is made twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from proxy.core import hidden_tags, sync_plan
from proxy.core.backoff import TRY_LATER
from proxy.core.endpoints.spec import Lane
from proxy.core.id_sites import EXPERIMENT, Ref
from proxy.core.lanes import lane_of
from proxy.core.messages import Response, Side
from proxy.core.outcomes import error_code, is_absent, parsed
from proxy.core.records import IdEntry, id_entry
from proxy.core.versions.change import Call
from proxy.errors import (
    CannotTranslateError,
    GoneError,
    ServerFailedError,
    SyncFailedError,
    TightropeError,
    UpstreamError,
)
from proxy.services.artifacts import ArtifactCopier
from proxy.services.identity import Identity
from proxy.services.side_client import SideClient
from proxy.services.sync_models import ModelSync
from proxy.services.sync_registry import RegistrySync
from proxy.services.sync_runs import RunSync
from proxy.services.sync_traces import TraceSync


class Syncer:
    """Brings objects from ``source`` to ``target``; all ids are public ones."""

    def __init__(self, clients: Mapping[Side, SideClient], identity: Identity, copier: ArtifactCopier) -> None:
        self._clients = clients
        self._identity = identity
        self._copier = copier
        self._runs = RunSync(self, copier)
        self._registry = RegistrySync(self)
        self._models = ModelSync(self)
        self._traces = TraceSync(self, copier)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def alone(self, lane: str) -> asyncio.Lock:
        """The lock of one object; held while it is made or synced. Locks nest from runs and models to experiments."""
        lock = self._locks.get(lane)
        if lock is None:
            lock = self._locks[lane] = asyncio.Lock()
        return lock

    async def lane(self, lane: str, source: Side) -> None:
        """Sync the object that a lane is about.

        Raises:
            GoneError: the source does not have it.
            SyncFailedError: a side refused.
            CannotTranslateError: the target cannot hold it.
            UpstreamError: a side gave no answer.
        """
        kind, _, name = lane.partition(":")
        if kind == "experiment":
            await self.experiment(name, source)
        elif kind == "run":
            await self.run(name, source)
        elif kind == "registered_model":
            await self._registry.model(name, source)
        elif kind == "logged_model":
            await self._models.model(name, source)
        elif kind == "trace":
            await self._traces.trace(name, source)
        else:
            raise CannotTranslateError(f"there is no way yet to bring a {kind} from one side to the other")

    # ----------------------------------------------------------------------------------------------------- experiments

    async def ensure_experiment(self, public: str, source: Side) -> None:
        """Make sure that the target has the experiment and that the id map knows both ids."""
        entry = await self._identity.known((EXPERIMENT, public))
        if entry is None or entry.local(source.other) is None or entry.local(source) is None:
            await self.experiment(public, source, lifecycle=False)

    async def experiment(self, public: str, source: Side, *, lifecycle: bool = True) -> None:
        """See ``_experiment``."""
        async with self.alone(lane_of(Lane.EXPERIMENT, public)):
            await self._experiment(public, source, lifecycle=lifecycle)

    async def _experiment(self, public: str, source: Side, *, lifecycle: bool) -> None:
        """Name, tags and lifecycle of an experiment; found by name on the target, made when absent.

        Without ``lifecycle`` a deletion is left to the record that says so, which may still wait in the journal.
        """
        here = (await self.read(source, Call("GetExperiment", {"experiment_id": public})))["experiment"]
        target = self._clients[source.other]
        entry = await self._identity.known((EXPERIMENT, public))
        if entry is None or entry.local(target.side) is None:
            local = await self._twin_experiment(here, target, public)
            there_id = id_entry(EXPERIMENT, public, target.side, local)
            here_id = entry.local(source) if entry is not None else None
            both = {source: here_id or public, target.side: local}
            await self._identity.learn([IdEntry(EXPERIMENT, there_id.public, both[Side.BLUE], both[Side.GREEN])])
        there = (await self.read(target.side, Call("GetExperiment", {"experiment_id": public})))["experiment"]
        gone_here, gone_there = (one.get("lifecycle_stage") == "deleted" for one in (here, there))
        if gone_here and gone_there:
            return  # restoring it only to set a tag would bring its runs back to life
        if gone_there:
            await self.write(target, Call("RestoreExperiment", {"experiment_id": public}))
        if here["name"] != there["name"]:
            await self.write(target, Call("UpdateExperiment", {"experiment_id": public, "new_name": here["name"]}))
        for tag in sync_plan.changed_pairs(here.get("tags") or [], there.get("tags") or []):
            await self.write(target, Call("SetExperimentTag", {"experiment_id": public, **tag}))
        for key in sync_plan.surplus_keys(here.get("tags") or [], there.get("tags") or []):
            await self.write(target, Call("DeleteExperimentTag", {"experiment_id": public, "key": key}))
        if gone_here and lifecycle:
            await self.write(target, Call("DeleteExperiment", {"experiment_id": public}))

    async def _twin_experiment(self, here: Mapping[str, Any], target: SideClient, public: str) -> str:
        """The target's id of the experiment with that name, which is made when there is none."""
        by_name = Call("GetExperimentByName", {"experiment_name": here["name"]})
        found = await target.ask(by_name, local_answer=True)
        if found.ok:
            return str(parsed(found.body)["experiment"]["experiment_id"])
        if not is_absent(found):
            raise self.failure(target.side, by_name, found)
        location = here.get("artifact_location") or ""
        arguments = {"name": here["name"], "tags": hidden_tags.visible_tags(here.get("tags") or [])}
        if location and not location.startswith("mlflow-artifacts:") and "://" in location:
            arguments["artifact_location"] = location  # a store that both servers reach by the same address
        create = Call("CreateExperiment", arguments)
        made = await target.create(create, public)
        if not made.ok:
            raise self.failure(target.side, create, made)
        return str(parsed(made.body)["experiment_id"])

    # ------------------------------------------------------------------------------------------------------------ runs

    async def ensure_run(self, public: str, source: Side) -> None:
        """See ``RunSync.ensure``."""
        await self._runs.ensure(public, source)

    async def run(self, public: str, source: Side) -> None:
        """See ``RunSync.run``."""
        await self._runs.run(public, source)

    # ----------------------------------------------------------------------------------------------------------- calls

    async def known(self, ref: Ref) -> IdEntry | None:
        """The ids of an object."""
        return await self._identity.known(ref)

    async def learn(self, entries: Sequence[IdEntry]) -> None:
        """Record ids."""
        await self._identity.learn(entries)

    @property
    def runs(self) -> RunSync:
        """The part for runs."""
        return self._runs

    @property
    def registry(self) -> RegistrySync:
        """The part for registered models."""
        return self._registry

    @property
    def models(self) -> ModelSync:
        """The part for logged models."""
        return self._models

    @property
    def copier(self) -> ArtifactCopier:
        """What copies files."""
        return self._copier

    @property
    def traces(self) -> TraceSync:
        """The part for traces."""
        return self._traces

    def client(self, side: Side) -> SideClient:
        """The client of a side."""
        return self._clients[side]

    async def read(self, side: Side, call: Call, *, local_answer: bool = False) -> dict[str, Any]:
        """An answer as a document; with ``local_answer`` in the side's own ids.

        Raises:
            GoneError: the side says it does not exist.
            SyncFailedError: any other refusal.
            UpstreamError: a server error.
        """
        answer = await self._clients[side].ask(call, local_answer=local_answer)
        if answer.ok:
            document: dict[str, Any] = parsed(answer.body) or {}
            return document
        if is_absent(answer):
            raise GoneError(f"{side.value} does not have it: {call.operation} answered {_brief(answer)}")
        raise self.failure(side, call, answer)

    async def asked(self, client: SideClient, call: Call, *, local_answer: bool = False) -> Response:
        """An answer, which may be a refusal.

        Raises:
            UpstreamError: a server error, which says nothing about what was asked for.
        """
        answer = await client.ask(call, local_answer=local_answer)
        if answer.status >= 500 or answer.status in TRY_LATER:
            raise self.failure(client.side, call, answer)
        return answer

    async def write(self, target: SideClient, call: Call, *, fine: Sequence[str] = ()) -> None:
        """Make a change; error codes in ``fine`` mean that it is there already."""
        answer = await target.ask(call)
        if not answer.ok and error_code(answer.body) not in fine:
            raise self.failure(target.side, call, answer)

    @staticmethod
    def unknowable(side: Side, operation: str) -> SyncFailedError:
        """The error for a create that may have been delivered before and leaves nothing to find it by."""
        return SyncFailedError(f"{operation} may have reached {side.value} before, and there is no way to find out")

    @staticmethod
    def failure(side: Side, call: Call, answer: Response) -> TightropeError:
        """The error for an answer that should have been a success: worth another try, or a refusal."""
        message = f"{side.value} answered {call.operation} with {_brief(answer)}"
        if answer.status in TRY_LATER:
            return UpstreamError(message)
        return ServerFailedError(message) if answer.status >= 500 else SyncFailedError(message)


def _brief(answer: Response) -> str:
    return f"{answer.status}: {answer.body[:300].decode('utf-8', 'replace')}"
