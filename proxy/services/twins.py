"""Finding what an earlier delivery already made, so that a create repeated after a crash makes nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.core import hidden_tags
from proxy.core.id_sites import Ref
from proxy.core.outcomes import parsed
from proxy.core.versions.change import Call
from proxy.services.side_client import SideClient

if TYPE_CHECKING:
    from proxy.services.sync import Syncer


class Twins:
    """Looks on the following side for objects that carry our hidden tag."""

    def __init__(self, syncer: Syncer) -> None:
        self._syncer = syncer

    async def find(self, operation: str, public: Ref, call: Call, target: SideClient) -> str | None:
        """The local id of the twin of ``public``, None when there is none.

        Raises:
            SyncFailedError: the target refused to search, so nobody knows.
        """
        _, public_id = public
        if operation == "CreateRun":
            return await self._syncer.runs.find_twin(target, public_id, str(call.arguments["experiment_id"]))
        if operation == "CreateExperiment":
            return None  # names are unique: the create itself says that it exists
        if operation == "CreateModelVersion":
            return await self._model_version(public_id, target)
        if operation == "CreateLoggedModel":
            return await self._syncer.models.find_twin(target, public_id, str(call.arguments["experiment_id"]))
        raise self._syncer.unknowable(target.side, operation)

    async def experiment_by_name(self, name: str, target: SideClient) -> str:
        """The local id of the experiment with that name."""
        call = Call("GetExperimentByName", {"experiment_name": name})
        answer = await target.ask(call, local_answer=True)
        if not answer.ok:
            raise self._syncer.failure(target.side, call, answer)
        return str(parsed(answer.body)["experiment"]["experiment_id"])

    async def _model_version(self, public: str, target: SideClient) -> str | None:
        name = public.rpartition("/")[0]
        wanted = {"key": hidden_tags.PUBLIC_ID_TAG, "value": hidden_tags.public_id_value(public)}
        for version in await self._syncer.registry.versions(target.side, name, local_answer=True):
            if wanted in (version.get("tags") or []):
                return f"{name}/{version['version']}"
        return None
