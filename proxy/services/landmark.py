"""A mark on the server itself that Tightrope has hidden tags there.

Whether a server's answers need a look is remembered in the state, but a translator may run without a volume, and a
state may be lost. So the first hidden tag that is written to a server is followed by one on its default experiment,
and every start looks for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from proxy.core.backoff import TRY_LATER
from proxy.core.hidden_tags import PREFIX
from proxy.core.messages import Side
from proxy.core.outcomes import parsed
from proxy.core.versions import notes
from proxy.core.versions.change import Call
from proxy.errors import TightropeError
from proxy.services.identity import Identity
from proxy.services.side_client import SideClient
from proxy.services.supervisor import Supervisor

_log = structlog.get_logger(__name__)

_EXPERIMENT = "0"
_KEY = f"{PREFIX}here"
_ASK_AGAIN_S = 5.0


class Landmark:
    """Sets the mark, and finds it."""

    def __init__(self, clients: Mapping[Side, SideClient], identity: Identity, supervisor: Supervisor) -> None:
        self._clients = clients
        self._identity = identity
        self._supervisor = supervisor
        self._looked: set[Side] = set()
        identity.when_marked(self._marked)

    async def find(self, side: Side) -> bool:
        """Look for the mark, and let the identity know; False: the server gave no useful answer."""
        if side in self._looked or self._identity.marked(side):
            return True
        try:
            answer = await self._clients[side].ask(Call("GetExperiment", {"experiment_id": _EXPERIMENT}))
        except TightropeError:
            return False
        if answer.status >= 500 or answer.status in TRY_LATER:
            return False
        self._looked.add(side)
        if answer.status in {401, 403}:
            hint = f"give {side.value} a credential, or keep the state: nothing else tells of them"
            _log.warning("no look for hidden tags of an earlier state", side=side.value, hint=hint)
        experiment = (parsed(answer.body) or {}).get("experiment") if answer.ok else None
        if isinstance(experiment, dict) and _KEY in notes.as_map(experiment.get("tags")):
            _log.info("this server holds hidden tags of an earlier state", side=side.value)
            await self._identity.mark(side)
        return True

    async def run(self) -> None:
        """Look on every side, again and again on those that do not answer yet, until all did."""
        missing = set(self._clients)
        while missing:
            missing -= {side for side in missing if await self.find(side)}
            if missing:
                await asyncio.sleep(_ASK_AGAIN_S)

    def _marked(self, side: Side) -> None:
        self._supervisor.spawn(self._set(side), f"landmark {side.value}")

    async def _set(self, side: Side) -> None:
        """Without it (the experiment is deleted, the server too old for tags) only the state remembers."""
        try:
            call = Call("SetExperimentTag", {"experiment_id": _EXPERIMENT, "key": _KEY, "value": "yes"})
            answer = await self._clients[side].ask(call)
        except TightropeError as error:
            _log.info("no landmark", side=side.value, why=error.message)
        else:
            if not answer.ok:
                _log.info("no landmark", side=side.value, status=answer.status)
