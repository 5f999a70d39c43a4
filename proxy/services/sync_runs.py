"""Runs' part of ``sync(object)``: a run with its params, tags, metric history, inputs, files and logged models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog

from proxy.core import effects, hidden_tags, sync_plan
from proxy.core.endpoints.spec import Lane
from proxy.core.id_sites import TOKEN
from proxy.core.lanes import lane_of
from proxy.core.messages import Side
from proxy.core.outcomes import is_absent, parsed
from proxy.core.records import id_entry
from proxy.core.versions.change import Call
from proxy.errors import GoneError
from proxy.services.artifacts import ArtifactCopier
from proxy.services.side_client import SideClient

if TYPE_CHECKING:
    from proxy.services.sync import Syncer

_log = structlog.get_logger(__name__)


class RunSync:
    """Runs from ``source`` to the other side; all ids are public ones."""

    def __init__(self, syncer: Syncer, copier: ArtifactCopier) -> None:
        self._syncer = syncer
        self._copier = copier

    async def ensure(self, public: str, source: Side) -> None:
        """Make sure that the target has a run; one that the source does not have either is nobody's loss."""
        entry = await self._syncer.known((TOKEN, public))
        if entry is None or entry.local(source.other) is None:
            try:
                if await self._on(self._syncer.client(source.other), public) is None:
                    await self.run(public, source)
            except GoneError:
                _log.info("something names a run that is not there", run_id=public)

    async def run(self, public: str, source: Side) -> None:
        """A run with params, tags, full metric history, status, lifecycle, artifacts and logged models."""
        async with self._syncer.alone(lane_of(Lane.RUN, public)):
            await self._run(public, source)

    async def _run(self, public: str, source: Side) -> None:
        here = (await self._syncer.read(source, Call("GetRun", {"run_id": public})))["run"]
        target = self._syncer.client(source.other)
        await self._syncer.ensure_experiment(str(here["info"]["experiment_id"]), source)
        there = await self._on(target, public) or await self._make(here, target, public)
        was_deleted = there["info"].get("lifecycle_stage") == "deleted"
        if was_deleted:
            await self._syncer.write(target, Call("RestoreRun", {"run_id": public}))
        data, other = here.get("data") or {}, there.get("data") or {}
        metrics: list[dict[str, Any]] = []
        for key in sorted({metric["key"] for metric in data.get("metrics") or []}):
            ours, theirs = await self.history(source, public, key), await self.history(target.side, public, key)
            metrics += sync_plan.missing_points(ours, theirs)
        params = sync_plan.changed_pairs(data.get("params") or [], other.get("params") or [])
        tags = sync_plan.changed_pairs(data.get("tags") or [], other.get("tags") or [])
        for call in sync_plan.batches(public, metrics, params, tags):
            await self._syncer.write(target, call)
        for key in sync_plan.surplus_keys(data.get("tags") or [], other.get("tags") or []):
            await self._syncer.write(target, Call("DeleteTag", {"run_id": public, "key": key}))
        inputs = sync_plan.missing_inputs(here.get("inputs") or {}, there.get("inputs") or {})
        if inputs:
            await self._syncer.write(target, Call("LogInputs", {"run_id": public, **inputs}))
        update = sync_plan.run_update(here["info"], there["info"])
        if update is not None:
            await self._syncer.write(target, update)
        await self._copier.copy_tree(str(here["info"].get("artifact_uri") or ""), source)
        await self._syncer.models.of_run(here, source)
        if here["info"].get("lifecycle_stage") == "deleted":
            await self._syncer.write(target, Call("DeleteRun", {"run_id": public}))
        _log.info("run synced", run_id=public, to=target.side.value, metric_points=len(metrics), params=len(params))

    async def find_twin(self, target: SideClient, public: str, experiment: str) -> str | None:
        """The target's id of a run that an earlier attempt made: it carries our hidden tag."""
        wanted = hidden_tags.public_id_value(public)
        call = Call(
            "SearchRuns",
            {
                "experiment_ids": [experiment],
                "filter": f"tags.`{hidden_tags.PUBLIC_ID_TAG}` = '{wanted}'",
                "run_view_type": "ALL",
                "max_results": 1,
            },
        )
        answer = await target.ask(call, local_answer=True)
        if not answer.ok:
            raise self._syncer.failure(target.side, call, answer)
        runs = parsed(answer.body).get("runs") or []
        return str(runs[0]["info"]["run_id"]) if runs else None

    async def _on(self, target: SideClient, public: str) -> dict[str, Any] | None:
        call = Call("GetRun", {"run_id": public})
        answer = await self._syncer.asked(target, call)
        if not answer.ok and not is_absent(answer):
            raise self._syncer.failure(target.side, call, answer)
        return parsed(answer.body)["run"] if answer.ok else None

    async def _make(self, here: Mapping[str, Any], target: SideClient, public: str) -> dict[str, Any]:
        experiment = str(here["info"]["experiment_id"])
        local = await self.find_twin(target, public, experiment)
        if local is None:
            create = effects.mirrored_call(Call("CreateRun", {}), {"run": here})
            made = await target.create(create, public)
            if not made.ok:
                raise self._syncer.failure(target.side, create, made)
            local = str(parsed(made.body)["run"]["info"]["run_id"])
        await self._syncer.learn([id_entry(TOKEN, public, target.side, local)])
        there: dict[str, Any] = (await self._syncer.read(target.side, Call("GetRun", {"run_id": public})))["run"]
        return there

    async def history(self, side: Side, run: str, key: str) -> list[dict[str, Any]]:
        """Every point of one metric."""
        points: list[dict[str, Any]] = []
        token = ""
        while True:
            arguments = {"run_id": run, "metric_key": key, "max_results": 25000}
            page = await self._syncer.read(
                side, Call("GetMetricHistory", {**arguments, **({"page_token": token} if token else {})})
            )
            points += page.get("metrics") or []
            token = page.get("next_page_token") or ""
            if not token:
                return points
