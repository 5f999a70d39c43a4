"""Logged models' part of ``sync(object)``: a model with its parameters, tags, files and status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog

from proxy.core import hidden_tags, sync_plan
from proxy.core.endpoints.spec import Lane
from proxy.core.id_sites import TOKEN
from proxy.core.lanes import lane_of
from proxy.core.messages import Side
from proxy.core.outcomes import is_absent, parsed
from proxy.core.records import id_entry
from proxy.core.versions.change import Call
from proxy.core.versions.logged_models import PENDING
from proxy.services.side_client import SideClient

if TYPE_CHECKING:
    from proxy.services.sync import Syncer

_log = structlog.get_logger(__name__)

_PAGE = 100
_DUPLICATE = ("BAD_REQUEST",)
"""What servers say to an output that a run has already."""


class ModelSync:
    """Logged models from ``source`` to the other side; all ids are public ones."""

    def __init__(self, syncer: Syncer) -> None:
        self._syncer = syncer

    async def model(self, public: str, source: Side) -> None:
        """One model, and before it the run that it came from."""
        here = (await self._syncer.read(source, Call("GetLoggedModel", {"model_id": public})))["model"]
        if here["info"].get("source_run_id"):
            await self._syncer.ensure_run(str(here["info"]["source_run_id"]), source)
        await self._bring(here, source)

    async def ensure(self, public: str, source: Side) -> bool:
        """Make sure that the target has the model that a version was made from.

        Returns: whether it was deleted since; then it is there now for the sake of the version, and has to go again.

        Raises:
            SyncFailedError: the source does not have it, not even as a deleted one, so no version can be made from it.
        """
        call = Call("GetLoggedModel", {"model_id": public})
        if await self._is_on(self._syncer.client(source.other), public):
            return False
        if (await self._syncer.asked(self._syncer.client(source), call)).ok:
            await self.model(public, source)
            return False
        with_deleted = Call(call.operation, {**call.arguments, "allow_deleted": True})
        answer = await self._syncer.asked(self._syncer.client(source), with_deleted)
        if not answer.ok:
            raise self._syncer.failure(source, with_deleted, answer)
        await self._bring(parsed(answer.body)["model"], source)
        return True

    async def of_run(self, run: Mapping[str, Any], source: Side) -> None:
        """The models that a run made, and its links to models. The target has the run already."""
        info = run["info"]
        run_id, experiment = str(info.get("run_id") or info.get("run_uuid")), str(info["experiment_id"])
        for model in await self.matching(experiment, f"source_run_id = '{run_id}'", source):
            await self._bring(model, source)
        target = self._syncer.client(source.other)
        for output in (run.get("outputs") or {}).get("model_outputs") or []:
            if not await self._is_on(target, str(output["model_id"])):
                continue  # deleted since: a link under an id that is nobody's there would stay when the model comes
            call = Call("LogOutputs", {"run_id": run_id, "models": [output]})
            await self._syncer.write(target, call, fine=_DUPLICATE)

    async def find_twin(self, target: SideClient, public: str, experiment: str) -> str | None:
        """The target's id of a model that an earlier attempt made: it carries our hidden tag."""
        wanted = hidden_tags.public_id_value(public)
        search = {
            "experiment_ids": [experiment],
            "filter": f"tags.`{hidden_tags.PUBLIC_ID_TAG}` = '{wanted}'",
            "max_results": 1,
        }
        found = await self._syncer.read(target.side, Call("SearchLoggedModels", search), local_answer=True)
        models = found.get("models") or []
        return str(models[0]["info"]["model_id"]) if models else None

    async def _is_on(self, target: SideClient, public: str) -> bool:
        entry = await target.identity.known((TOKEN, public))
        if entry is not None and entry.local(target.side) is not None:
            return True
        return (await self._syncer.asked(target, Call("GetLoggedModel", {"model_id": public}))).ok

    async def matching(self, experiment: str, text: str, source: Side) -> list[dict[str, Any]]:
        """The models of an experiment that a filter finds, oldest first."""
        search = {
            "experiment_ids": [experiment],
            "filter": text,
            "order_by": [{"field_name": "creation_timestamp", "ascending": True}],
            "max_results": _PAGE,
        }
        models: list[dict[str, Any]] = []
        token = ""
        while True:
            page = await self._syncer.read(
                source, Call("SearchLoggedModels", {**search, **({"page_token": token} if token else {})})
            )
            models += page.get("models") or []
            token = page.get("next_page_token") or ""
            if not token:
                return models

    async def _bring(self, here: Mapping[str, Any], source: Side) -> None:
        public = str(here["info"]["model_id"])
        async with self._syncer.alone(lane_of(Lane.LOGGED_MODEL, public)):
            await self._bring_alone(here, public, source)

    async def _bring_alone(self, here: Mapping[str, Any], public: str, source: Side) -> None:
        target, info = self._syncer.client(source.other), here["info"]
        await self._syncer.ensure_experiment(str(info["experiment_id"]), source)
        there = await self._there(target, public) or await self._make(here, public, target)
        params = sync_plan.changed_pairs(
            (here.get("data") or {}).get("params") or [], (there.get("data") or {}).get("params") or []
        )
        if params:
            call = Call("LogLoggedModelParams", {"model_id": public, "params": params})
            await self._syncer.write(target, call, fine=_DUPLICATE)
        tags, others = info.get("tags") or [], there["info"].get("tags") or []
        changed = sync_plan.changed_pairs(tags, others)
        if changed:
            await self._syncer.write(target, Call("SetLoggedModelTags", {"model_id": public, "tags": changed}))
        for key in sync_plan.surplus_keys(tags, others):
            await self._syncer.write(target, Call("DeleteLoggedModelTag", {"model_id": public, "tag_key": key}))
        await self._syncer.copier.copy_tree(str(info.get("artifact_uri") or ""), source)
        if info.get("status") not in (there["info"].get("status"), PENDING, None):
            finalize = Call("FinalizeLoggedModel", {"model_id": public, "status": info["status"]})
            await self._syncer.write(target, finalize)
        _log.info("logged model synced", model_id=public, to=target.side.value)

    async def _there(self, target: SideClient, public: str) -> dict[str, Any] | None:
        call = Call("GetLoggedModel", {"model_id": public})
        answer = await self._syncer.asked(target, call)
        if not answer.ok and not is_absent(answer):
            raise self._syncer.failure(target.side, call, answer)
        model: dict[str, Any] | None = parsed(answer.body)["model"] if answer.ok else None
        return model

    async def _make(self, here: Mapping[str, Any], public: str, target: SideClient) -> dict[str, Any]:
        info = here["info"]
        local = await self.find_twin(target, public, str(info["experiment_id"]))
        if local is None:
            arguments = {field: info[field] for field in _TAKEN if info.get(field)}
            arguments["tags"] = hidden_tags.visible_tags(info.get("tags") or [])
            arguments["params"] = (here.get("data") or {}).get("params") or []
            create = Call("CreateLoggedModel", arguments)
            made = await target.create(create, public)
            if not made.ok:
                raise self._syncer.failure(target.side, create, made)
            local = str(parsed(made.body)["model"]["info"]["model_id"])
        await self._syncer.learn([id_entry(TOKEN, public, target.side, local)])
        model: dict[str, Any] = (await self._syncer.read(target.side, Call("GetLoggedModel", {"model_id": public})))[
            "model"
        ]
        return model


_TAKEN = ("experiment_id", "name", "model_type", "source_run_id")
