"""The model registry's part of ``sync(object)``: a registered model with its versions at the same numbers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog

from proxy.core import hidden_tags, sync_plan
from proxy.core.endpoints.spec import Lane
from proxy.core.id_sites import MODEL_VERSION
from proxy.core.lanes import copied_from, lane_of
from proxy.core.messages import Side
from proxy.core.outcomes import is_absent, parsed
from proxy.core.records import id_entry
from proxy.core.versions.change import Call
from proxy.core.versions.logged_models import model_id_in
from proxy.errors import RequestError
from proxy.services.side_client import SideClient

if TYPE_CHECKING:
    from proxy.services.sync import Syncer

_log = structlog.get_logger(__name__)

_MAX_FILLERS = 1000
_PATIENCE_S = 60.0
"""For another model that a version was copied from."""

_EXISTS = ("RESOURCE_ALREADY_EXISTS",)


class RegistrySync:
    """Registered models from ``source`` to the other side; all ids are public ones."""

    def __init__(self, syncer: Syncer) -> None:
        self._syncer = syncer

    async def model(self, name: str, source: Side, *, below: int | None = None) -> None:
        """A registered model: description, tags, versions at the same numbers with their stages, tags and aliases.

        With ``below``, only versions under that number; aliases, which may point above it, are then left alone.
        """
        async with self._syncer.alone(lane_of(Lane.REGISTERED_MODEL, name)):
            await self.model_alone(name, source, below=below)

    async def model_alone(self, name: str, source: Side, *, below: int | None = None) -> None:
        """``model`` for whoever holds its lock already."""
        sync = self._syncer
        here = (await sync.read(source, Call("GetRegisteredModel", {"name": name})))["registered_model"]
        target = sync.client(source.other)
        tags = hidden_tags.visible_tags(here.get("tags") or [])
        create = {"name": name, "tags": tags, "description": here.get("description") or None}
        await sync.write(target, Call("CreateRegisteredModel", _present(create)), fine=_EXISTS)
        there = (await sync.read(target.side, Call("GetRegisteredModel", {"name": name})))["registered_model"]
        if (here.get("description") or "") != (there.get("description") or ""):
            change = {"name": name, "description": here.get("description") or ""}
            await sync.write(target, Call("UpdateRegisteredModel", change))
        for tag in sync_plan.changed_pairs(tags, there.get("tags") or []):
            await sync.write(target, Call("SetRegisteredModelTag", {"name": name, **tag}))
        for key in sync_plan.surplus_keys(tags, there.get("tags") or []):
            await sync.write(target, Call("DeleteRegisteredModelTag", {"name": name, "key": key}))
        for version in await self.versions(source, name):
            if below is None or int(version["version"]) < below:
                await self._version(version, source, target)
        if below is not None:
            return
        for alias in here.get("aliases") or []:
            arguments = {"name": name, "alias": alias["alias"], "version": str(alias["version"])}
            await sync.write(target, Call("SetRegisteredModelAlias", arguments))
        for alias in {each["alias"] for each in there.get("aliases") or []}.difference(
            each["alias"] for each in here.get("aliases") or []
        ):
            await sync.write(target, Call("DeleteRegisteredModelAlias", {"name": name, "alias": alias}))

    async def numbers(self, side: Side, name: str) -> set[int]:
        """The public numbers of the versions on a side; a version that is not known yet keeps its own here."""
        identity = self._syncer.client(side).identity
        refs = [f"{name}/{version['version']}" for version in await self.versions(side, name, local_answer=True)]
        entries = [await identity.existing(MODEL_VERSION, side, ref) for ref in refs]
        return {int(entry.public.rpartition("/")[2]) for entry in entries}

    async def versions(self, side: Side, name: str, *, local_answer: bool = False) -> list[dict[str, Any]]:
        """All versions of a model, oldest first.

        With ``local_answer`` in the side's own numbers. On the following side nothing else will do while a twin may be
        there that is not known yet: its number would be taken for a new version's and get a public number of its own.
        """
        quoted = name.replace("'", "''")
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            arguments = {"filter": f"name='{quoted}'", "max_results": 200, **({"page_token": token} if token else {})}
            page = await self._syncer.read(side, Call("SearchModelVersions", arguments), local_answer=local_answer)
            found += page.get("model_versions") or []
            token = page.get("next_page_token") or ""
            if not token:
                return sorted(found, key=lambda version: int(version["version"]))

    async def create_version(self, call: Call, public: str, target: SideClient) -> None:
        """Make a version that gets the number it has on the other side, and learn its id.

        Numbers are handed out in order and never twice, so where the target is behind (a version was deleted, or a
        create failed, on the other side) its next numbers are used up by versions that are deleted at once.
        """
        sync = self._syncer
        name, _, wanted = public.rpartition("/")
        for _ in range(_MAX_FILLERS):
            answer = await target.create(call, public)
            if not answer.ok:
                raise sync.failure(target.side, call, answer)
            got = str(parsed(answer.body)["model_version"]["version"])
            if int(got) >= int(wanted):
                if got != wanted:  # somebody made versions there behind our back; the id map bridges it
                    _log.warning("version under another number", model=name, version=got, wanted=wanted)
                entries = [id_entry(MODEL_VERSION, public, target.side, f"{name}/{got}")]
                known = await target.identity.known((MODEL_VERSION, public))
                if known is None or known.local(target.side.other) is None:
                    # It was there before the window, under its public number: or that would seem to be another's.
                    entries.append(id_entry(MODEL_VERSION, public, target.side.other, public))
                await sync.learn(entries)
                return
            _log.info("number used up", model=name, version=got, wanted=wanted, side=target.side.value)
            await target.ask(Call("DeleteModelVersion", {"name": name, "version": got}), local_answer=True)
        raise sync.failure(target.side, call, answer)

    async def _version(self, here: Mapping[str, Any], source: Side, target: SideClient) -> None:
        sync = self._syncer
        name, number = here["name"], str(here["version"])
        wanted = Call("GetModelVersion", {"name": name, "version": number})
        answer = await sync.asked(target, wanted)
        if not answer.ok and not is_absent(answer):
            raise sync.failure(target.side, wanted, answer)
        if not answer.ok:
            if here.get("run_id"):
                await sync.run(here["run_id"], source)
            fields = ("name", "source", "run_id", "run_link", "description", "model_id")
            arguments = {field: here[field] for field in fields if here.get(field)}
            logged_model = here.get("model_id") or model_id_in(here.get("source"))
            if original := copied_from(here.get("source")):
                arguments["source"] = await self._source_of_copy(here, original, source, target)
            deleted = False
            if logged_model:
                arguments["model_id"] = logged_model
                deleted = await sync.models.ensure(str(logged_model), source)
            arguments["tags"] = hidden_tags.visible_tags(here.get("tags") or [])
            await self.create_version(Call("CreateModelVersion", arguments), f"{name}/{number}", target)
            if deleted:
                await sync.write(target, Call("DeleteLoggedModel", {"model_id": logged_model}))
        there = (await sync.read(target.side, wanted))["model_version"]
        key = {"name": name, "version": number}
        for tag in sync_plan.changed_pairs(here.get("tags") or [], there.get("tags") or []):
            await sync.write(target, Call("SetModelVersionTag", {**key, **tag}))
        for surplus in sync_plan.surplus_keys(here.get("tags") or [], there.get("tags") or []):
            await sync.write(target, Call("DeleteModelVersionTag", {**key, "key": surplus}))
        if (here.get("description") or "") != (there.get("description") or ""):
            change = {**key, "description": here.get("description") or ""}
            await sync.write(target, Call("UpdateModelVersion", change))
        stage = here.get("current_stage") or "None"
        if stage != (there.get("current_stage") or "None"):
            move = {**key, "stage": stage, "archive_existing_versions": False}
            await sync.write(target, Call("TransitionModelVersionStage", move))

    async def _source_of_copy(
        self, here: Mapping[str, Any], original: tuple[str, str], source: Side, target: SideClient
    ) -> str:
        """What a copied version is made from: the original, brought first; where its files are if it is gone."""
        sync, (name, number) = self._syncer, original
        wanted = Call("GetModelVersion", {"name": name, "version": number})
        if name != here["name"] and not (await sync.asked(target, wanted)).ok:
            with contextlib.suppress(RequestError, asyncio.TimeoutError):  # locks of two models may cross
                await asyncio.wait_for(self.model(name, source, below=int(number) + 1), _PATIENCE_S)
        if not is_absent(await sync.asked(sync.client(source), wanted)):
            return str(here["source"])
        key = {"name": here["name"], "version": str(here["version"])}
        return str((await sync.read(source, Call("GetModelVersionDownloadUri", key)))["artifact_uri"])


def _present(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if value is not None}
