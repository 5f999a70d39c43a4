"""When Tightrope can go: which clients would still need it with one side or the other serving.

What was needed so far says little about the time after a cutover. So the operations that each client was seen to use
are looked up in the skew table against each side's version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.endpoints.features import FEATURE_OF, SERVER
from proxy.core.mlflow_version import Version
from proxy.core.versions.skew import Verdict, standing
from proxy.services.census import ClientUse
from proxy.services.outlook_view import Need, Outlook

_NAMED = 3
"""Operations that are named per client in the one-line answer."""

_LISTED = 20
"""And in the list."""


@dataclass(frozen=True, slots=True)
class _Class:
    """One way in which clients depend on Tightrope."""

    always: tuple[Need, ...] = ()
    sometimes: tuple[Need, ...] = ()
    missing: tuple[Need, ...] = ()


def outlook(uses: Sequence[ClientUse], versions: Mapping[str, str | None]) -> tuple[Outlook, ...]:
    """One view per side whose version is known.

    Args:
        uses: from the census.
        versions: side -> the version of its server, None while it is not known.
    """
    return tuple(_of_side(side, text, uses) for side, text in versions.items() if text is not None)


def _of_side(side: str, text: str, uses: Sequence[ClientUse]) -> Outlook:
    server = Version.parse(text)
    always, sometimes, missing = list[Need](), list[Need](), list[Need]()
    for use in uses:
        if use.client == "browser":
            continue  # pages belong to the server that serves them
        groups: dict[str, dict[str, float]] = {"always": {}, "sometimes": {}, "missing": {}}
        client = _version(use.version)
        for operation, at in use.operations.items():
            group = _group(operation, client, server)
            if group:
                groups[group][operation] = at
        for group, needs in (("always", always), ("sometimes", sometimes), ("missing", missing)):
            if groups[group]:
                needs.append(_need(use, groups[group]))
    found = _Class(*(tuple(sorted(each, key=lambda need: -need.last_seen)) for each in (always, sometimes, missing)))
    return Outlook(side, text, found.always, found.sometimes, found.missing, _line(side, text, found))


def _group(operation: str, client: Version | None, server: Version) -> str:
    """``always``, ``sometimes`` or ``missing``; empty when the client gets along with this server by itself."""
    if operation not in CATALOGUE or FEATURE_OF[operation] is SERVER or not FEATURE_OF[operation].called:
        return ""  # clients bear it when a server does not tell about itself
    found = standing(operation, client, server)
    if found.verdict is Verdict.NATIVE:
        return ""
    if found.verdict is Verdict.REFUSED:
        return "missing"
    return "sometimes" if found.conditional else "always"


def _need(use: ClientUse, operations: Mapping[str, float]) -> Need:
    latest = sorted(operations, key=lambda name: (-operations[name], name))
    return Need(use.client, use.version, tuple(latest[:_LISTED]), len(latest), max(operations.values()))


def _line(side: str, version: str, found: _Class) -> str:
    begin = f"With {side} ({version}) serving"
    if not found.always and not found.sometimes:
        text = f"{begin}, no client seen needs Tightrope"
    elif not found.always:
        text = f"{begin}, no client needs Tightrope for every call, but for some calls {_listed(found.sometimes)}"
    else:
        verb = "client still needs" if len(found.always) == 1 else "clients still need"
        text = f"{begin}, {len(found.always)} {verb} Tightrope: {_listed(found.always)}"
        if found.sometimes:
            text += f"; for some calls also {_listed(found.sometimes)}"
    if found.missing:
        text += f"; {side} itself lacks what was asked for by {_listed(found.missing)}"
    return f"{text}."


def _listed(needs: Iterable[Need]) -> str:
    return ", ".join(
        f"{need.client} {need.version} ({', '.join(need.operations[:_NAMED])}"
        f"{f' and {need.count - _NAMED} more' if need.count > _NAMED else ''}; last at {_at(need.last_seen)})"
        for need in needs
    )


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%d %H:%MZ")


def _version(text: str) -> Version | None:
    """None for ``unknown`` and ``other``."""
    try:
        return Version.parse(text)
    except ValueError:
        return None
