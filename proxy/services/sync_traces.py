"""The traces' part of ``sync(object)``: the info with its tags and assessments, and the files behind the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog

from proxy.core import trace_plan
from proxy.core.endpoints.spec import Lane
from proxy.core.lanes import lane_of
from proxy.core.messages import Side
from proxy.core.mlflow_version import Version
from proxy.core.outcomes import is_absent, parsed
from proxy.core.versions import jsontext, spans, trace_files, trace_infos
from proxy.core.versions.change import Call
from proxy.services.artifacts import ArtifactCopier

if TYPE_CHECKING:
    from proxy.services.side_client import SideClient
    from proxy.services.sync import Syncer

_log = structlog.get_logger(__name__)

_HOLDS_SPANS = Version(3, 6)
"""The first servers that take spans by ``/v1/traces``; older ones know files only."""

_ABSENT = ("RESOURCE_DOES_NOT_EXIST",)


class TraceSync:
    """Traces from ``source`` to the other side; all ids are public ones."""

    def __init__(self, syncer: Syncer, copier: ArtifactCopier) -> None:
        self._syncer = syncer
        self._copier = copier

    async def trace(self, public: str, source: Side) -> None:
        """A trace as it is on ``source``.

        Raises: as ``Syncer.lane``.
        """
        async with self._syncer.alone(lane_of(Lane.TRACE, public)):
            await self._trace(public, source)

    async def _trace(self, public: str, source: Side) -> None:
        sync, call = self._syncer, Call("GetTraceInfoV3", {"trace_id": public})
        here = (await sync.read(source, call))["trace"]["trace_info"]
        await sync.ensure_experiment(str(trace_infos.experiment_of(here)), source)
        run = (here.get("trace_metadata") or {}).get(trace_infos.SOURCE_RUN)
        if run:  # its id on the other side must be known before the trace names it
            await sync.ensure_run(str(run), source)
        target = sync.client(source.other)
        there = await self._on(target, call)
        if there is None:
            await sync.write(target, trace_plan.create(here))
            there = (await sync.read(target.side, call))["trace"]["trace_info"]
        for change in trace_plan.changes(here, there):
            fine = _ABSENT if change.operation.startswith("Delete") else ()
            await sync.write(target, change, fine=fine)
        location = str((here.get("tags") or {}).get(trace_infos.ARTIFACT_LOCATION) or "")
        files = await self._copier.copy_tree(location, source)
        await self.spans(here, source)
        _log.info("trace synced", trace_id=public, to=target.side.value, files=files)

    async def spans(self, here: Mapping[str, Any], source: Side) -> None:
        """Write the file of spans on a target that cannot be given them otherwise, when ``source`` holds them itself.

        Args:
            here: the trace's info, in the form of API 3.0.
            source: where it is read.
        """
        held = (here.get("tags") or {}).get(trace_infos.SPANS_LOCATION) == "TRACKING_STORE"
        file = trace_files.path_of(here)
        if not held or file is None or await self._syncer.client(source.other).version() >= _HOLDS_SPANS:
            return
        call = Call("BatchGetTraces", {"trace_ids": [here["trace_id"]]})
        found = (await self._syncer.read(source, call)).get("traces") or []
        content = {"spans": [spans.from_answer(span) for trace in found for span in trace.get("spans") or []]}
        await self._copier.write(file, jsontext.write(content), source.other)

    async def _on(self, target: SideClient, call: Call) -> Mapping[str, Any] | None:
        answer = await self._syncer.asked(target, call)
        if not answer.ok and not is_absent(answer):
            raise self._syncer.failure(target.side, call, answer)
        found: Mapping[str, Any] = parsed(answer.body)["trace"]["trace_info"] if answer.ok else {}
        return found or None
