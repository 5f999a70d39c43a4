"""Delivering one record to the following side: what to send, and what its answer means."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from proxy.core import effects, json_sites
from proxy.core.dialect import client_of
from proxy.core.endpoints.catalogue import match as match_request
from proxy.core.endpoints.spec import Kind, Match
from proxy.core.id_sites import MODEL_VERSION, Ref
from proxy.core.lanes import artifact_path
from proxy.core.messages import Side, header
from proxy.core.mlflow_version import Version
from proxy.core.outcomes import created_ref, error_code, parsed
from proxy.core.query import fields_of
from proxy.core.records import WriteRecord, id_entry
from proxy.core.sync_plan import COVERED
from proxy.core.versions.calls import UnreadableBodyError, read_call
from proxy.core.versions.change import Call
from proxy.core.versions.reach import refusal
from proxy.core.writes import State
from proxy.errors import CannotTranslateError, GoneError, SyncFailedError, UpstreamError
from proxy.services.artifacts import SCHEME as ARTIFACT_SCHEME
from proxy.services.artifacts import ArtifactCopier, ArtifactGoneError, ArtifactRefusedError
from proxy.services.delivered import Delivered, judged
from proxy.services.prerequisites import Prerequisites
from proxy.services.settle import Settler
from proxy.services.side_client import SideClient
from proxy.services.sync import Syncer
from proxy.services.twins import Twins

_log = structlog.get_logger(__name__)

_NOT_FOUND = "RESOURCE_DOES_NOT_EXIST"
_EXISTS = "RESOURCE_ALREADY_EXISTS"
_FOREIGN_KEY = b"foreign key"
"""In the words of every database: how servers say that a trace which gets a tag or an assessment does not exist."""

_SEEN_AS_ONE = frozenset({"LogMetric", "LogBatch"})
"""Not repeatable on file stores; on databases the same point twice is one point."""

_SYNCED_REMEMBERED = 10_000


class Delivery:
    """Carries records out; no queue and no retry in here."""

    def __init__(self, clients: Mapping[Side, SideClient], syncer: Syncer, copier: ArtifactCopier) -> None:
        self._clients = clients
        self._syncer = syncer
        self._copier = copier
        self._first = Prerequisites(syncer)
        self._twins = Twins(syncer)
        self._settler = Settler(syncer, copier)
        self._synced: dict[str, None] = {}  # lanes whose object was brought over as a whole, oldest first
        self._half_synced: set[str] = set()  # lanes whose sync broke off: the next attempt must not look like a success

    async def deliver(self, record: WriteRecord, *, repeated: bool, overtaken: bool = False) -> Delivered:
        """Give the following side the effect of a record.

        Args:
            record: ANSWERED or IN_DOUBT.
            repeated: an earlier attempt may have reached the following side.
            overtaken: it was parked, and newer writes to its object may have been delivered since; sending it now
                would bring an old value back, so where a sync makes up for it the object is synced instead.

        Raises:
            UpstreamError: the following side gave no (useful) answer; try again later.
        """
        intent = record.intent
        found = match_request(intent.request.method, intent.request.path)
        if found is None:
            return Delivered(State.PARKED, "unknown_operation", f"the catalogue has no {intent.request.path}")
        try:
            await self._first.experiments(record, found)
            if record.state is State.IN_DOUBT:
                return await self._settle(record, found)
            if found.operation.kind is Kind.ARTIFACT_WRITE:
                return await self._artifact(record, found)
            again = overtaken or record.intent.lane in self._half_synced
            if again and found.operation.kind is not Kind.CREATE and found.operation.name in COVERED:
                return await self._sync(record)
            return await self._write(record, found, repeated=repeated)
        except CannotTranslateError as error:
            return Delivered(State.SKIPPED, "cannot_hold", error.message)
        except (GoneError, ArtifactGoneError) as error:
            return Delivered(State.SKIPPED, "gone", error.message)
        except (SyncFailedError, ArtifactRefusedError) as error:
            return Delivered(State.PARKED, "rejected", error.message)

    async def works(self, side: Side) -> bool:
        """Whether a side answers a plain read, which tells a server that fails at one thing from one that is down."""
        probe = Call("SearchExperiments", {"max_results": 1})
        try:
            return (await self._clients[side].ask(probe)).status < 500
        except CannotTranslateError:  # a server without that search; its health check must do
            return await self._clients[side].backend.healthy()
        except UpstreamError:
            return False

    async def _settle(self, record: WriteRecord, found: Match) -> Delivered:
        if found.operation.kind is Kind.ARTIFACT_WRITE:
            path = await self._artifact_path(record, found)
            return Delivered(*await self._settler.artifact(record, path))
        verdict = await self._settler.settle(record, found)
        if verdict[0] is State.ANSWERED:
            return await self._write(record, found, repeated=True)
        if verdict[0] is State.MIRRORED and record.intent.lane:
            self._remember_synced(record.intent.lane)
        return Delivered(*verdict)

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
        async with self._syncer.alone(intent.lane):
            if await self._is_there(public, target):
                return Delivered(State.MIRRORED, "existed")  # brought by a sync, which takes what is there by then
            return await self._create(record, found, call, public, target, repeated=repeated)

    async def _is_there(self, public: Ref, target: SideClient) -> bool:
        """Whether the object has its counterpart already.

        A version's number comes back when its model was deleted and made anew, so the server is asked for those.
        """
        known = await target.identity.known(public)
        if known is None or known.local(target.side) is None:
            return False
        if public[0] != MODEL_VERSION:
            return True
        name, _, number = public[1].rpartition("/")
        call = Call("GetModelVersion", {"name": name, "version": number})
        return (await self._syncer.asked(target, call)).ok

    async def _create(
        self, record: WriteRecord, found: Match, call: Call, public: Ref, target: SideClient, *, repeated: bool
    ) -> Delivered:
        """A write after which there is a new object, named ``public``."""
        intent = record.intent
        if repeated:
            twin = await self._twins.find(found.operation.name, public, call, target)
            if twin is not None:
                return Delivered(State.MIRRORED, "twin_found", learned=(id_entry(*public, target.side, twin),))
        if public[0] == MODEL_VERSION:
            deleted = await self._first.of_version(call, public[1], intent.side)
            await self._syncer.registry.create_version(call, public[1], target)
            if deleted:
                gone = Call("DeleteLoggedModel", {"model_id": call.arguments["model_id"]})
                await self._syncer.write(target, gone)
            return Delivered(State.MIRRORED)
        if found.operation.name == "CreateLoggedModel" and call.arguments.get("source_run_id"):
            await self._syncer.ensure_run(str(call.arguments["source_run_id"]), intent.side)
        made = await target.create(call, public[1], client=self._meaning(record))
        if made.ok:
            local = created_ref(found.operation, parsed(made.body))
            learned = (id_entry(public[0], public[1], target.side, local[1]),) if local is not None else ()
            return Delivered(State.MIRRORED, learned=learned)
        if found.operation.name == "CreateExperiment" and error_code(made.body) == _EXISTS:
            local_id = await self._twins.experiment_by_name(str(call.arguments["name"]), target)
            return Delivered(State.MIRRORED, "existed", learned=(id_entry(*public, target.side, local_id),))
        return judged(record, made)

    async def _bytes(self, record: WriteRecord, found: Match, target: SideClient) -> Delivered:
        """A body that nothing can be replaced in; the same bytes mean the same on every server that takes them."""
        if found.operation.route_for(await target.version()) is None:
            raise refusal(found.operation, await target.version())
        answer = await target.send(record.intent.request)
        return Delivered(State.MIRRORED) if answer.ok else judged(record, answer)

    async def _plain(
        self, record: WriteRecord, found: Match, call: Call, target: SideClient, *, repeated: bool
    ) -> Delivered:
        """A write to something that both sides already have."""
        meaning, operation = self._meaning(record), found.operation
        if repeated and not (operation.repeatable or operation.already or operation.name in _SEEN_AS_ONE):
            if operation.name in COVERED:
                return await self._sync(record)
            return Delivered(State.PARKED, "maybe_delivered", "sent before without an answer; once more may be twice")
        if operation.name == "LogOutputs":
            await self._first.models(call, record.intent.side)
        answer = await target.ask(call, client=meaning)
        if answer.ok and operation.name == "StartTraceV3":
            await self._spans(record)
        if answer.ok:
            return Delivered(State.MIRRORED)
        code = error_code(answer.body)
        lane, covered = record.intent.lane, operation.name in COVERED
        if code in operation.already and operation.kind is Kind.CREATE:
            return await self._sync(record)  # the name is the identity: what has it there becomes what has it here
        if code in operation.already and (repeated or lane in self._synced):
            return Delivered(State.MIRRORED, "existed")
        if (code == _NOT_FOUND or _FOREIGN_KEY in answer.body.lower()) and lane not in self._synced:
            # The object is older than the window, so it is brought as it is. That makes up for most writes; the
            # others (inputs of a run) are sent again now that there is something to receive them.
            await self._sync(record)
            if covered:
                return Delivered(State.MIRRORED, "synced")
            again = await target.ask(call, client=meaning)
            return Delivered(State.MIRRORED) if again.ok else judged(record, again)
        if covered and answer.status in {400, 404} and (repeated or lane in self._synced):
            # Perhaps it is there already: a NaN written twice is refused, a tag deleted twice is not found.
            return await self._sync(record)
        return judged(record, answer)

    def _meaning(self, record: WriteRecord) -> Version | None:
        """The dialect that a write was done in: the serving side's own, or the client's where that is newer.

        What a newer client asked of an older server was translated or emulated, so that it has the client's meaning.
        """
        serving = self._clients[record.intent.side].backend.version
        client = client_of(header(record.intent.request.headers, "user-agent") or "")[1]
        return max((version for version in (serving, client) if version is not None), default=None)

    async def _spans(self, record: WriteRecord) -> None:
        """A client that was told that the server holds the spans writes no file for us to copy."""
        info = json_sites.first(parsed(record.answer) if record.answer else None, "trace.trace_info")
        if isinstance(info, dict):
            await self._syncer.traces.spans(info, record.intent.side)

    async def _sync(self, record: WriteRecord) -> Delivered:
        """Bring the whole object."""
        lane = record.intent.lane
        self._half_synced.add(lane)
        await self._syncer.lane(lane, record.intent.side)
        self._half_synced.discard(lane)
        self._remember_synced(lane)
        return Delivered(State.MIRRORED, "synced")

    def _remember_synced(self, lane: str) -> None:
        self._synced[lane] = None
        if len(self._synced) > _SYNCED_REMEMBERED:
            del self._synced[next(iter(self._synced))]
