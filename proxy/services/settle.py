"""Settling a record in doubt: read the serving side, and give the following side whatever is there.

Whether the write took effect need not be known for that: ``sync(object)`` brings both sides together either way. Only
a create has no object to look at yet, so the serving side is searched for what it would have made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from proxy.core.endpoints.spec import Match
from proxy.core.id_sites import EXPERIMENT
from proxy.core.outcomes import error_code, is_absent, parsed
from proxy.core.records import WriteRecord
from proxy.core.sync_plan import COVERED
from proxy.core.versions.calls import UnreadableBodyError, read_call
from proxy.core.versions.change import Call
from proxy.core.writes import State
from proxy.services.artifacts import ArtifactCopier, ArtifactGoneError

if TYPE_CHECKING:
    from proxy.services.sync import Syncer

_ENDS = {
    "DeleteRegisteredModel": "GetRegisteredModel",
    "RenameRegisteredModel": "GetRegisteredModel",
    "DeleteModelVersion": "GetModelVersion",
    "DeleteLoggedModel": "GetLoggedModel",
}
"""Writes after which a name or number is gone, and how to look for it."""

_SYNCED = COVERED | {"LogOutputs"}
"""A link of a run to a logged model is there once both are, and a sync of the run brings both."""

_CLOCK_SKEW_S = 60.0

Verdict = tuple[State, str]
"""The record's next state and the reason; ANSWERED means that it took effect and is to be delivered like any other."""

_APPLIED: Verdict = (State.MIRRORED, "settled")
_NOT_APPLIED: Verdict = (State.REJECTED, "not_applied")
_DELIVER: Verdict = (State.ANSWERED, "applied")
_UNKNOWN: Verdict = (State.PARKED, "in_doubt")


class Settler:
    """Settles records in doubt."""

    def __init__(self, syncer: Syncer, copier: ArtifactCopier) -> None:
        self._syncer = syncer
        self._copier = copier

    async def settle(self, record: WriteRecord, found: Match) -> Verdict:
        """Bring the following side to what the serving side holds now.

        Raises: as ``Syncer.lane``.
        """
        intent = record.intent
        try:
            call = read_call(found, intent.request)
        except UnreadableBodyError:
            return _NOT_APPLIED  # no server takes a body that is not JSON
        if not intent.lane:
            return await self._create(record, call)
        if call.operation in _ENDS:
            return await self._end(call, record)
        if call.operation in {"CreateRegisteredModel", "CreateModelVersion"}:
            return await self._registered_model(str(call.arguments.get("name") or ""), record)
        if call.operation in _SYNCED:
            await self._syncer.lane(intent.lane, intent.side)
            return _APPLIED
        return _UNKNOWN

    async def _end(self, call: Call, record: WriteRecord) -> Verdict:
        """A deletion (or the end of a name): it was applied exactly when the object is gone."""
        look = Call(_ENDS[call.operation], call.arguments)
        answer = await self._syncer.asked(self._syncer.client(record.intent.side), look)
        if answer.ok:
            return _NOT_APPLIED
        return _DELIVER if is_absent(answer) else _UNKNOWN

    async def artifact(self, record: WriteRecord, path: str) -> Verdict:
        """The same for an upload or a deletion of ``path``."""
        source = record.intent.side
        try:
            await self._copier.copy(path, source)
        except ArtifactGoneError:
            if record.intent.request.method == "DELETE":
                await self._copier.delete(path, source.other)
                return _APPLIED
            return _NOT_APPLIED
        return _APPLIED

    async def _create(self, record: WriteRecord, call: Call) -> Verdict:
        source = record.intent.side
        name = str(call.arguments.get("name") or "")
        if call.operation == "CreateExperiment":
            return await self._experiment(name, record)
        if call.operation == "CreateRun":
            runs = await self._runs_like(call, record)
            if runs is None:
                return _UNKNOWN
            for run in runs:
                await self._syncer.run(str(run["info"].get("run_id") or run["info"]["run_uuid"]), source)
            return _APPLIED if runs else _NOT_APPLIED
        if call.operation == "CreateLoggedModel":
            return await self._logged_model(call, record)
        return _UNKNOWN

    async def _logged_model(self, call: Call, record: WriteRecord) -> Verdict:
        """Models that the create may have made: same experiment, name and run, and not older than the record."""
        asked, source = call.arguments, record.intent.side
        if not (asked.get("name") or asked.get("source_run_id")):
            return _UNKNOWN
        since = int((record.received_at - _CLOCK_SKEW_S) * 1000)
        newer = f"creation_timestamp >= {since}"
        models = await self._syncer.models.matching(str(asked.get("experiment_id")), newer, source)
        made = [model for model in models if _fits(model["info"], asked, ("name", "source_run_id"))]
        for model in made:
            await self._syncer.models.model(str(model["info"]["model_id"]), source)
        return _APPLIED if made else _NOT_APPLIED

    async def _experiment(self, name: str, record: WriteRecord) -> Verdict:
        client = self._syncer.client(record.intent.side)
        by_name = Call("GetExperimentByName", {"experiment_name": name})
        answer = await self._syncer.asked(client, by_name, local_answer=True)
        if not answer.ok:
            return _NOT_APPLIED if error_code(answer.body) == "RESOURCE_DOES_NOT_EXIST" else _UNKNOWN
        found = parsed(answer.body)["experiment"]
        local = str(found["experiment_id"])
        # One that is older than the record was not made by it, and the id that clients know it by is its own.
        is_new = int(found.get("creation_time") or 0) >= (record.received_at - _CLOCK_SKEW_S) * 1000
        publish = client.identity.publish if is_new else client.identity.existing
        entry = await publish(EXPERIMENT, client.side, local)
        await client.identity.learn([entry])
        await self._syncer.experiment(entry.public, client.side)
        return _APPLIED

    async def _registered_model(self, name: str, record: WriteRecord) -> Verdict:
        client = self._syncer.client(record.intent.side)
        answer = await self._syncer.asked(client, Call("GetRegisteredModel", {"name": name}))
        if not answer.ok:
            return _NOT_APPLIED if error_code(answer.body) == "RESOURCE_DOES_NOT_EXIST" else _UNKNOWN
        await self._syncer.registry.model(name, record.intent.side)
        return _APPLIED

    async def _runs_like(self, call: Call, record: WriteRecord) -> list[dict[str, Any]] | None:
        """Runs that the create may have made: same experiment, start time to the millisecond, user and name."""
        asked = call.arguments
        if not asked.get("start_time"):
            return None
        search = {
            "experiment_ids": [str(asked["experiment_id"])],
            "filter": f"attributes.start_time = {int(asked['start_time'])}",
            "run_view_type": "ALL",
            "max_results": 100,
        }
        answer = await self._syncer.asked(self._syncer.client(record.intent.side), Call("SearchRuns", search))
        if not answer.ok:
            return None
        runs: list[dict[str, Any]] = parsed(answer.body).get("runs") or []
        return [run for run in runs if _fits(run["info"], asked, ("user_id", "run_name"))]


def _fits(info: dict[str, Any], asked: Mapping[str, Any], fields: tuple[str, ...]) -> bool:
    """Whether the object has what was asked for, where it was."""
    return all(not asked.get(field) or info.get(field) == asked[field] for field in fields)
