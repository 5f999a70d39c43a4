"""Delivering one record to the following side: what to send, and what its answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from proxy.core import effects
from proxy.core.endpoints.catalogue import match as match_request
from proxy.core.endpoints.spec import Kind, Match
from proxy.core.id_sites import EXPERIMENT, MODEL_VERSION
from proxy.core.idmap import refs_in_request
from proxy.core.lanes import artifact_path
from proxy.core.messages import Response, Side
from proxy.core.outcomes import created_ref, error_code, parsed
from proxy.core.query import fields_of
from proxy.core.records import IdEntry, WriteRecord, id_entry
from proxy.core.versions.calls import UnreadableBodyError, read_call
from proxy.core.versions.change import Call
from proxy.core.versions.reach import refusal
from proxy.core.writes import State
from proxy.errors import CannotTranslateError, ServerFailedError, UpstreamError
from proxy.services.artifacts import SCHEME as ARTIFACT_SCHEME
from proxy.services.artifacts import ArtifactCopier, ArtifactGoneError, ArtifactRefusedError
from proxy.services.settle import Settler
from proxy.services.side_client import SideClient
from proxy.services.sync import GoneError, Syncer, SyncFailedError
from proxy.services.twins import Twins

_NOT_FOUND = "RESOURCE_DOES_NOT_EXIST"
_EXISTS = "RESOURCE_ALREADY_EXISTS"
_SYNCED_REMEMBERED = 10_000
_TRY_LATER = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a delivery: the record's next state, why, and the ids learned from it."""

    state: State
    reason: str = ""
    detail: str = ""
    learned: tuple[IdEntry, ...] = ()


class Delivery:
    """Carries records out; no queue and no retry in here."""

    def __init__(self, clients: Mapping[Side, SideClient], syncer: Syncer, copier: ArtifactCopier) -> None:
        self._clients = clients
        self._syncer = syncer
        self._copier = copier
        self._twins = Twins(syncer)
        self._settler = Settler(syncer, copier)
        self._synced: dict[str, None] = {}  # lanes whose object was brought over as a whole, oldest first

    async def deliver(self, record: WriteRecord, *, repeated: bool) -> Delivered:
        """Give the following side the effect of a record.

        Args:
            record: ANSWERED or IN_DOUBT.
            repeated: an earlier attempt may have reached the following side.

        Raises:
            UpstreamError: the following side gave no (useful) answer; try again later.
        """
        intent = record.intent
        found = match_request(intent.request.method, intent.request.path)
        if found is None:
            return Delivered(State.PARKED, "unknown_operation", f"the catalogue has no {intent.request.path}")
        try:
            await self._bring_experiments(record, found)
            if record.state is State.IN_DOUBT:
                return await self._settle(record, found)
            if found.operation.kind is Kind.ARTIFACT_WRITE:
                return await self._artifact(record, found)
            return await self._write(record, found, repeated=repeated)
        except CannotTranslateError as error:
            return Delivered(State.SKIPPED, "cannot_hold", error.message)
        except (GoneError, ArtifactGoneError) as error:
            return Delivered(State.SKIPPED, "gone", error.message)
        except (SyncFailedError, ArtifactRefusedError) as error:
            return Delivered(State.PARKED, "rejected", error.message)

    async def _settle(self, record: WriteRecord, found: Match) -> Delivered:
        if found.operation.kind is Kind.ARTIFACT_WRITE:
            path = await self._artifact_path(record, found)
            return Delivered(*await self._settler.artifact(record, path))
        return Delivered(*await self._settler.settle(record, found))

    async def _bring_experiments(self, record: WriteRecord, found: Match) -> None:
        """Experiments older than the window must be on the following side before anything refers to them."""
        if found.operation.name == "CreateExperiment":
            return
        for kind, public in refs_in_request(record.intent.request, found):
            if kind == EXPERIMENT:
                await self._syncer.ensure_experiment(public, record.intent.side)

    async def _artifact(self, record: WriteRecord, found: Match) -> Delivered:
        request, source = record.intent.request, record.intent.side
        path = await self._artifact_path(record, found)
        if request.method == "DELETE":
            await self._copier.delete(path, source.other)
        else:
            await self._copier.copy(path, source)
        return Delivered(State.MIRRORED)

    async def _artifact_path(self, record: WriteRecord, found: Match) -> str:
        """The path in the store; the UI's uploads name a run and a path below it instead."""
        request, source = record.intent.request, record.intent.side
        if found.operation.request.artifact_path:
            return artifact_path(found, found.params)
        fields = fields_of(request.query)
        run = (await self._syncer.read(source, Call("GetRun", {"run_id": fields.get("run_uuid", "")})))["run"]
        root = str(run["info"]["artifact_uri"])
        if not root.startswith(ARTIFACT_SCHEME):
            raise CannotTranslateError(f"the run's artifacts are kept under {root}, outside both servers")
        return f"{root.removeprefix(ARTIFACT_SCHEME)}/{fields.get('path', '')}".strip("/")

    async def _write(self, record: WriteRecord, found: Match, *, repeated: bool) -> Delivered:
        intent = record.intent
        target = self._clients[intent.side.other]
        if found.operation.protobuf:
            return await self._bytes(record, found, target)
        try:
            asked = read_call(found, intent.request)
        except UnreadableBodyError as error:
            return Delivered(State.PARKED, "unreadable", str(error))
        answer = parsed(record.answer) if record.answer else None
        call = effects.mirrored_call(asked, answer)
        public = created_ref(found.operation, answer) if answer is not None else None
        if public is None:
            return await self._plain(record, found, call, target, repeated=repeated)
        if repeated:
            twin = await self._twins.find(found.operation.name, public, call, target)
            if twin is not None:
                return Delivered(State.MIRRORED, "twin_found", learned=(id_entry(*public, target.side, twin),))
        if public[0] == MODEL_VERSION:
            await self._model_version(call, public[1], intent.side)
            return Delivered(State.MIRRORED)
        meaning = self._clients[intent.side].backend.version
        made = await target.ask(effects.with_public_id(call, public[1]), local_answer=True, client=meaning)
        if made.ok:
            local = created_ref(found.operation, parsed(made.body))
            learned = (id_entry(public[0], public[1], target.side, local[1]),) if local is not None else ()
            return Delivered(State.MIRRORED, learned=learned)
        if found.operation.name == "CreateExperiment" and error_code(made.body) == _EXISTS:
            local_id = await self._twins.experiment_by_name(str(call.arguments["name"]), target)
            return Delivered(State.MIRRORED, "existed", learned=(id_entry(*public, target.side, local_id),))
        return _judge(record, made)

    async def _bytes(self, record: WriteRecord, found: Match, target: SideClient) -> Delivered:
        """A body that nothing can be replaced in; the same bytes mean the same on every server that takes them."""
        if found.operation.route_for(await target.version()) is None:
            raise refusal(found.operation, await target.version())
        answer = await target.send(record.intent.request)
        return Delivered(State.MIRRORED) if answer.ok else _judge(record, answer)

    async def _plain(
        self, record: WriteRecord, found: Match, call: Call, target: SideClient, *, repeated: bool
    ) -> Delivered:
        """A write to something that both sides already have."""
        meaning = self._clients[record.intent.side].backend.version
        answer = await target.ask(call, client=meaning)
        if answer.ok:
            return Delivered(State.MIRRORED)
        code = error_code(answer.body)
        if code in found.operation.already and (repeated or found.operation.creates):
            return Delivered(State.MIRRORED, "existed")
        lane = record.intent.lane
        # Not found: the object is older than the window, so it is brought as it is, this write's effect included.
        # Refused after that, or on a repeat: perhaps because it is there already (a NaN written twice is refused).
        if code == _NOT_FOUND or (answer.status == 400 and (repeated or lane in self._synced)):
            await self._syncer.lane(lane, record.intent.side)
            self._remember_synced(lane)
            return Delivered(State.MIRRORED, "synced")
        return _judge(record, answer)

    def _remember_synced(self, lane: str) -> None:
        self._synced[lane] = None
        if len(self._synced) > _SYNCED_REMEMBERED:
            del self._synced[next(iter(self._synced))]

    async def _model_version(self, call: Call, public: str, source: Side) -> None:
        """Versions keep their numbers, so those that the other side lacks come first."""
        registry, target = self._syncer.registry, self._clients[source.other]
        name, _, number = public.rpartition("/")
        if int(number) > 1:
            there = {int(version["version"]) for version in await registry.versions(target.side, name)}
            here = {int(version["version"]) for version in await registry.versions(source, name)}
            if any(older not in there for older in here if older < int(number)):
                await registry.model(name, source, below=int(number))
        await registry.create_version(call, public, target)


def _judge(record: WriteRecord, answer: Response) -> Delivered:
    """What a refusal by the following side means."""
    text = answer.body[:500].decode("utf-8", "replace")
    if answer.status in _TRY_LATER:
        raise UpstreamError(f"the following side answered {answer.status}")
    if answer.status >= 500:
        raise ServerFailedError(f"the following side answered {answer.status}: {text}")
    detail = f"serving side: {record.status}; following side: {answer.status} {text}"
    return Delivered(State.PARKED, "rejected", detail)
