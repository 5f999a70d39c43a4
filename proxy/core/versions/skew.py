"""The skew table: what a client of one version gets from a server of another, operation by operation.

It is worked out from the routes of the catalogue and the changes of the bundle, the very ones that requests walk
through, so it cannot disagree with what happens. Nothing is asked and nothing is sent; which calls meet the condition
of a change is said in the change's own words.

An operation that the server has no path for is only there when a change turns its calls into others; an operation that
it does have is native, however many calls of it some change has to touch up. Changes that only reveal what was emulated
are left out: they come with the emulation, and where there was none they do not exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from proxy.core.endpoints import registry
from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.endpoints.features import FEATURE_OF, FEATURES, Feature
from proxy.core.endpoints.spec import Operation, Route
from proxy.core.mlflow_version import Version
from proxy.core.versions.change import Dialects, VersionChange
from proxy.core.versions.reach import certain, refusal, route_on
from proxy.core.versions.walk import concerned, successes_too

_UI_SURFACES = frozenset({"ajax", "ajax-preview"})
_READ_BY_THE_UI = frozenset({"GetMetricHistoryBulkInterval"})  # no client library up to 3.17.2 mentions it
_NO_MORE_PREVIEW = Version(2, 0)
_ONLY_PREVIEW = Version(1, 10)
_LATEST_BY_POST = Version(1, 23)
_REGISTRY = frozenset(operation.name for operation in registry.OPERATIONS)


class Verdict(str, Enum):
    """What the server's answer to an operation is to the client; from the best to the worst."""

    NATIVE = "native"  # as on a server of the client's own version
    TRANSLATED = "translated"  # the server has it in another form
    EMULATED = "emulated"  # the server has nothing of the kind; something else stands for it
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Part:
    """One change that has to do with an operation. ``when`` is empty where every call is concerned."""

    change: str
    emulates: bool
    when: str
    lost: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One operation between one client and one server.

    Attributes:
        operation: its name.
        feature: the feature it belongs to.
        verdict: the furthest from native that a call can meet.
        conditional: whether only some calls meet it. The others are native, or refused if ``refusal`` is not empty.
        parts: the changes, in the order of the bundle.
        moved: the server has it under another path or method.
        possible: the server's release was not studied, so it is asked and may say no.
        refusal: the words that the client gets, where calls are refused.
    """

    operation: str
    feature: str
    verdict: Verdict
    conditional: bool = False
    parts: tuple[Part, ...] = ()
    moved: bool = False
    possible: bool = False
    refusal: str = ""

    @property
    def lost(self) -> tuple[str, ...]:
        """What does not survive, each thing once."""
        return tuple(dict.fromkeys(part.lost for part in self.parts if part.lost))

    def to_json(self) -> dict[str, Any]:
        """As a JSON object with the attributes' names."""
        return {
            "operation": self.operation,
            "feature": self.feature,
            "verdict": self.verdict.value,
            "conditional": self.conditional,
            "possible": self.possible,
            "moved": self.moved,
            "changes": [
                {"change": part.change, "emulates": part.emulates, "when": part.when, "lost": part.lost}
                for part in self.parts
            ],
            "lost": list(self.lost),
            "refusal": self.refusal,
        }


def operations_of(client: Version) -> tuple[Operation, ...]:
    """What a client library of this version can call: not the pages, their helpers, and administration."""
    return tuple(
        operation
        for operation in CATALOGUE.values()
        if FEATURE_OF[operation.name].called
        and operation.name not in _READ_BY_THE_UI
        and (route := route_of_client(operation, client)) is not None
        and route.surface not in _UI_SURFACES
    )


def route_of_client(operation: Operation, client: Version) -> Route | None:
    """The path that a client of this version uses.

    Source: 1.0 knows nothing but ``preview/``; up to 1.30 all calls of the registry go there, but for
    get-latest-versions from 1.23 on (recorded with clients of 1.0.0 to 2.0.1).
    """
    preview = client < _ONLY_PREVIEW or (
        client < _NO_MORE_PREVIEW
        and operation.name in _REGISTRY
        and not (operation.name == "GetLatestVersions" and client >= _LATEST_BY_POST)
    )
    return route_on(operation, client, "preview" if preview else "api")


@lru_cache(maxsize=65_536)
def standing(name: str, client: Version | None, server: Version) -> Standing:
    """One operation. A client that does not say its version (None) is taken to use the server's own path."""
    operation, feature = CATALOGUE[name], FEATURE_OF[name].name
    if client == server:
        return Standing(name, feature, Verdict.NATIVE)
    wanted = None if client is None else route_of_client(operation, client)
    there = route_on(operation, server, wanted.surface if wanted is not None else "api")
    # Changes of errors alone concern every operation and say nothing about one.
    changes = [change for change in concerned(name, Dialects(client, server)) if successes_too(change)]
    if there is None:
        return _without_a_route(operation, server, changes)
    moved = wanted is not None and (wanted.method, wanted.template) != (there.method, there.template)
    verdict = Verdict.TRANSLATED if moved else Verdict.NATIVE
    if changes:
        verdict = Verdict.EMULATED if any(change.emulates for change in changes) else Verdict.TRANSLATED
    conditional = bool(changes) and not moved and all(change.when for change in changes)
    return Standing(
        name,
        feature,
        verdict,
        conditional,
        tuple(map(_part, changes)),
        moved,
        possible=not certain(operation, server),
    )


def standings(client: Version, server: Version) -> tuple[Standing, ...]:
    """Every operation of the client, by feature."""
    order = {feature.name: place for place, feature in enumerate(FEATURES)}
    found = (standing(operation.name, client, server) for operation in operations_of(client))
    return tuple(sorted(found, key=lambda each: order[each.feature]))


def of_feature(feature: Feature, client: Version, server: Version) -> tuple[Standing, ...]:
    """The operations that belong to a feature or that it is made of; none when the client does not know it."""
    if feature.since is not None and client < feature.since:
        return ()
    return tuple(
        standing(operation.name, client, server)
        for operation in operations_of(client)
        if FEATURE_OF[operation.name] is feature or operation.name in feature.uses
    )


def counts(found: Iterable[Standing]) -> dict[Verdict, int]:
    """How many operations have each verdict; those that only some calls meet count as what the others get."""
    total = dict.fromkeys(Verdict, 0)
    for each in found:
        total[Verdict.NATIVE if each.conditional and not each.refusal else each.verdict] += 1
    return total


def words(found: Standing) -> str:
    """A standing for people: ``native``, ``translated: by another path``, ``native; translated when …``."""
    if found.verdict is Verdict.REFUSED:
        return f"refused: {found.refusal}"
    kind = found.verdict.value
    some = ", or when ".join(dict.fromkeys(part.when for part in found.parts if part.when))
    if not found.conditional:
        text = f"{kind}{': by another path' if found.moved else ''}{f'; more so when {some}' if some else ''}"
    elif found.refusal:
        text = f"{kind} when {some}; else refused: {found.refusal}"
    else:
        text = f"native; {kind} when {some}"
    return f"{text} (a release between studied ones: the server is asked)" if found.possible else text


def _without_a_route(operation: Operation, server: Version, changes: list[VersionChange]) -> Standing:
    """What the server has no path for: there if a change makes other calls of it, else refused."""
    name, feature = operation.name, FEATURE_OF[operation.name].name
    reason = refusal(operation, server)
    text = f"{reason.message}. {reason.hint}"
    acting, bridged, always = list[VersionChange](), False, False
    for change in changes:
        acting.append(change)
        if any((change.recipe, change.request, change.detour)):
            bridged = True
            always = always or not change.when
        if change.recipe is not None and not change.when:
            break  # it takes over; what comes below it meets the calls that it makes
    if not bridged:
        return Standing(name, feature, Verdict.REFUSED, refusal=text)
    verdict = Verdict.EMULATED if any(change.emulates for change in acting) else Verdict.TRANSLATED
    return Standing(name, feature, verdict, not always, tuple(map(_part, acting)), refusal="" if always else text)


def _part(change: VersionChange) -> Part:
    return Part(change.name, change.emulates, change.when, change.lost)
