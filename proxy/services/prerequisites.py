"""What must be on the following side before a write can be done there.

Objects older than the window are not in the journal, and lanes of different objects run side by side.
"""

from __future__ import annotations

import structlog

from proxy.core.endpoints.spec import Match
from proxy.core.id_sites import EXPERIMENT
from proxy.core.idmap import refs_in_request
from proxy.core.messages import Side
from proxy.core.records import WriteRecord
from proxy.core.versions.change import Call
from proxy.errors import SyncFailedError
from proxy.services.sync import Syncer

_log = structlog.get_logger(__name__)


class Prerequisites:
    """Brings them; all ids are public ones."""

    def __init__(self, syncer: Syncer) -> None:
        self._syncer = syncer

    async def experiments(self, record: WriteRecord, found: Match) -> None:
        """Experiments older than the window must be on the following side before anything refers to them."""
        if found.operation.name == "CreateExperiment":
            return
        for kind, public in refs_in_request(record.intent.request, found):
            if kind == EXPERIMENT:
                await self._syncer.ensure_experiment(public, record.intent.side)

    async def models(self, call: Call, source: Side) -> None:
        """The models that a run is linked to: a link under an id that is nobody's yet would stay when they come."""
        for model in call.arguments.get("models") or []:
            try:
                await self._syncer.models.ensure(str(model.get("model_id")), source)
            except SyncFailedError as error:
                _log.info("a run is linked to a logged model that is not there", detail=error.message)

    async def of_version(self, call: Call, public: str, source: Side) -> bool:
        """Versions keep their numbers, so those that the other side lacks come first; then the run and the model.

        Returns: whether its logged model was deleted since, and is there for the sake of the version alone.
        """
        registry, target = self._syncer.registry, self._syncer.client(source.other)
        name, _, number = public.rpartition("/")
        model = Call("GetRegisteredModel", {"name": name})
        there = await registry.numbers(target.side, name)
        here = {int(version["version"]) for version in await registry.versions(source, name)}
        lacking = any(older not in there for older in here if older < int(number))
        if lacking or not (await self._syncer.asked(target, model)).ok:
            await registry.model_alone(name, source, below=int(number))
        if call.arguments.get("run_id"):  # newer servers refuse a version of a run that they do not have
            await self._syncer.ensure_run(str(call.arguments["run_id"]), source)
        logged_model = str(call.arguments.get("model_id") or "")
        return await self._syncer.models.ensure(logged_model, source) if logged_model else False
