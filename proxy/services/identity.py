"""Public ids to local ids and back, for whole messages.

Public ids are for ever: the side that served when an object was created names it. Numbers can collide, because both
servers count from 1; then the object created later gets a fresh public number above all that are in use. An id
without an entry is the same on both sides (objects that existed before, in a green restored from a copy of blue).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from proxy.core.id_sites import EXPERIMENT, MODEL_VERSION, Ref
from proxy.core.idmap import ABSENT_EXPERIMENT
from proxy.core.messages import Side
from proxy.core.records import IdEntry, id_entry
from proxy.services.ports import IdStore, PhaseStore

_CACHE_SIZE = 50_000
_RESERVED = "reserved_experiment_id"
_MARKED = "made_objects_on_"

Key = TypeVar("Key")
Fetch = Callable[[Sequence[Ref]], Awaitable[Mapping[Ref, IdEntry]]]


class _Cache(OrderedDict[Key, "IdEntry | None"]):
    """The entries looked up last; None remembers that there is none."""

    def remember(self, key: Key, entry: IdEntry | None) -> None:
        self[key] = entry
        self.move_to_end(key)
        if len(self) > _CACHE_SIZE:
            self.popitem(last=False)


class Identity:
    """The id map with a cache in front of it.

    One instance per process owns the map, so its cache is always true.
    """

    def __init__(self, store: IdStore, facts: PhaseStore) -> None:
        self._store = store
        self._facts = facts
        self._public: _Cache[Ref] = _Cache()
        self._local: dict[Side, _Cache[Ref]] = {Side.BLUE: _Cache(), Side.GREEN: _Cache()}
        self._differs = {Side.BLUE: True, Side.GREEN: True}
        self._marked = {Side.BLUE: True, Side.GREEN: True}
        self._on_mark: Callable[[Side], None] = lambda _: None
        self._reserved = 0
        self._generation = 0
        self._published: dict[tuple[Side, Ref], IdEntry] = {}  # since the start, stored or not yet
        self._in_use: set[Ref] = set()  # the public ids among them

    async def start(self) -> None:
        """Read what decides the fast path."""
        for side in Side:
            self._differs[side] = await self._store.differs(side)
            self._marked[side] = await self._facts.get_fact(f"{_MARKED}{side.value}") is not None
        self._reserved = int(await self._facts.get_fact(_RESERVED) or 0)

    def plain(self, side: Side) -> bool:
        """Whether messages to and from that side pass as they are: ids are the public ones and nothing is ours."""
        return not self._differs[side] and not self._marked[side]

    def marked(self, side: Side) -> bool:
        """Whether objects on that side may carry hidden tags of ours."""
        return self._marked[side]

    async def mark(self, side: Side) -> None:
        """We are about to write a hidden tag to that side: its answers need a look from now on."""
        if not self._marked[side]:
            await self._facts.set_fact(f"{_MARKED}{side.value}", "yes")
            if not self._marked[side]:
                self._marked[side] = True
                self._on_mark(side)

    def when_marked(self, tell: Callable[[Side], None]) -> None:
        """Be told of each side that is marked from now on."""
        self._on_mark = tell

    async def to_local(self, side: Side, refs: Iterable[Ref]) -> dict[Ref, str]:
        """What to write instead of public ids when talking to ``side``; only ids that differ are in the answer.

        An experiment that the side is known not to have, or whose number means another experiment there, is replaced
        by a number that does not exist, so that the server itself says "not found" and never shows a wrong object.
        """
        mapping: dict[Ref, str] = {}
        wanted = list(refs)
        entries = await self._by_public(wanted)
        numbers = [ref for ref in wanted if ref[0] != "token" and entries.get(ref) is None]
        taken = await self._by_local(side, numbers) if numbers else {}
        for ref in wanted:
            entry = entries.get(ref)
            local = entry.local(side) if entry is not None else None
            if local is not None:
                if local != ref[1]:
                    mapping[ref] = local
            elif ref[0] == EXPERIMENT and (entry is not None or _means_another(taken.get(ref), ref)):
                mapping[ref] = ABSENT_EXPERIMENT
            elif ref[0] == MODEL_VERSION and _means_another(taken.get(ref), ref):
                mapping[ref] = f"{ref[1].rpartition('/')[0]}/{ABSENT_EXPERIMENT}"
        return mapping

    async def to_public(self, side: Side, refs: Iterable[Ref]) -> dict[Ref, str]:
        """What to write instead of ``side``'s local ids when talking to a client; only ids that differ."""
        wanted = list(refs)
        entries = await self._by_local(side, wanted)
        mapping = {ref: entry.public for ref in wanted if (entry := entries.get(ref)) and entry.public != ref[1]}
        unknown = [ref for ref in wanted if ref[0] != "token" and entries.get(ref) is None]
        if unknown:
            taken = await self._by_public(unknown)
            for ref in unknown:
                if taken.get(ref) is not None and ref[1].rpartition("/")[2] != ABSENT_EXPERIMENT:
                    published = await self.publish(ref[0], side, ref[1])
                    if published.public != ref[1]:
                        await self.learn([published])
                        mapping[ref] = published.public
        return mapping

    async def known(self, ref: Ref) -> IdEntry | None:
        """The entry of a public id."""
        return (await self._by_public([ref])).get(ref)

    async def publish(self, kind: str, side: Side, local: str) -> IdEntry:
        """The entry for an object that ``side`` just named; its public id is fresh when the name is already taken."""
        ref = (kind, local)
        known = (await self._by_local(side, [ref])).get(ref)
        if known is not None:
            return known
        prefix, slash, number = local.rpartition("/")
        if kind == "token" or not number.isdecimal():
            return id_entry(kind, local, side, local)
        holder = (await self._by_public([ref])).get(ref)
        highest = max(await self._store.highest_number(kind, prefix + slash), int(number))
        return self._given_out(side, ref, taken=holder is not None, highest=highest)

    def _given_out(self, side: Side, ref: Ref, *, taken: bool, highest: int) -> IdEntry:
        """Decide without waiting, so that two objects that are named at the same time never get one public id.

        Args:
            side: who named the object.
            ref: how.
            taken: the id map has that public id.
            highest: the largest number in the id map, or the object's own where that is larger.
        """
        before = self._published.get((side, ref))
        if before is not None:
            return before
        kind, public = ref
        prefix, slash, number = public.rpartition("/")
        reserved = self._reserved if kind == EXPERIMENT else 0
        if taken or ref in self._in_use or int(number) <= reserved:
            fresh = max(highest, reserved) + 1
            while (kind, f"{prefix}{slash}{fresh}") in self._in_use:
                fresh += 1
            public = f"{prefix}{slash}{fresh}"
        self._in_use.add((kind, public))
        entry = self._published[side, ref] = id_entry(kind, public, side, ref[1])
        return entry

    async def existing(self, kind: str, side: Side, local: str) -> IdEntry:
        """The entry for an object that was there before the window: without one, its id is the public one."""
        known = (await self._by_local(side, [(kind, local)])).get((kind, local))
        return known if known is not None else id_entry(kind, local, side, local)

    async def reserve(self, highest: int) -> None:
        """Public experiment ids up to ``highest`` are in use on the side that stops serving: never mint them anew."""
        if highest > self._reserved:
            self._reserved = highest
            await self._facts.set_fact(_RESERVED, str(highest))

    async def learn(self, entries: Sequence[IdEntry]) -> None:
        """Store entries and know them from now on."""
        if entries:
            await self._store.put(entries)
            self.learned(entries)

    def learned(self, entries: Sequence[IdEntry]) -> None:
        """Entries that somebody stored in their own transaction: forget what the cache says of them."""
        self._generation += 1
        for entry in entries:
            self._public.pop((entry.kind, entry.public), None)
            for side in Side:
                local = entry.local(side)
                if local is not None:
                    self._local[side].pop((entry.kind, local), None)
                    if local != entry.public:
                        self._differs[side] = True

    async def _by_public(self, refs: Sequence[Ref]) -> Mapping[Ref, IdEntry | None]:
        return await self._through(self._public, refs, self._store.by_public)

    async def _by_local(self, side: Side, refs: Sequence[Ref]) -> Mapping[Ref, IdEntry | None]:
        return await self._through(self._local[side], refs, partial(self._store.by_local, side))

    async def _through(self, cache: _Cache[Ref], refs: Sequence[Ref], fetch: Fetch) -> dict[Ref, IdEntry | None]:
        result = {ref: cache[ref] for ref in refs if ref in cache}
        missing = [ref for ref in refs if ref not in result]
        if missing:
            generation = self._generation
            found = await fetch(missing)
            for ref in missing:
                result[ref] = found.get(ref)
                if generation == self._generation:  # nothing was learned while we waited
                    cache.remember(ref, result[ref])
        return result


def _means_another(entry: IdEntry | None, ref: Ref) -> bool:
    return entry is not None and entry.public != ref[1]
