"""Write ``docs/compat.md`` from the skew table: ``python -m proxy.cli.compat_page > docs/compat.md``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence

from proxy.cli.compat import CLIENTS, SERVERS, cell, summary
from proxy.core.endpoints.features import FEATURE_OF, FEATURES
from proxy.core.mlflow_version import Version
from proxy.core.versions import changelog, skew
from proxy.core.versions.bundle import CHANGES
from proxy.core.versions.change import VersionChange
from proxy.core.versions.skew import Verdict

INTRODUCTION = """\
# Which client works with which server

This page is made from the code (`python -m proxy.cli.compat_page`); a test fails when it is stale. It is worked out
from the same tables that requests walk through. For versions that it does not show, and for single operations, ask
`tightrope compat --client 2.16.0 --server 3.5.0` (no server is needed, none is asked).

## What works, what does not

Point any MLflow client at Tightrope, whatever server is behind it. Each call then is

* **native**: the server does it as the client expects, bytes untouched;
* **translated**: the server has it in another form, and the client does not notice;
* **emulated**: the server has nothing of the kind; Tightrope keeps it in tags, files and other objects that the server
  does have. A newer server that follows gets the real thing; on a server that is upgraded in place it stays in sight;
* **refused**: a clear error (HTTP 404, `ENDPOINT_NOT_FOUND`) that says what is needed; nothing is written.

A client of the server's own version always gets what it would get without Tightrope. Whatever is not said to be lost
under [every change](#every-change) survives.

The page shows one client and one server. While two servers are mirrored, what the serving one would refuse of traces,
assessments, evaluation datasets, scorers, reviews, webhooks, the gateway and MCP servers is done by the other one if it
can, so that a new client sees no refusal with an old blue and a new green. Such objects stay there after a rollback,
and are noted in the journal (`tightrope journal ls --state skipped`, reason `home`).
"""

OUTSIDE = """\
Not counted: what browsers and people call (the UI and its helpers, users, permissions, workspaces). A UI belongs to its
own server and passes through. Clients up to 1.20 do not know the server's artifact store (`mlflow-artifacts:`); they
need an artifact root that they can reach themselves. While writes are mirrored, uploads that go past the server (in
parts, presigned) are answered with 501, and clients upload through it instead.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join((INTRODUCTION, *_in_words(), *_matrix(), *_features(), *_refusals(), *_changes()))


def _in_words() -> Iterator[str]:
    """The newest client on every server, and every older client on the newest: what is refused as a whole."""
    newest_client, newest_server = CLIENTS[-1], SERVERS[-1]
    yield f"**A new client ({newest_client}) on an older server** cannot use:\n"
    yield from _grouped((f"server {server}", _missing(newest_client, server)) for server in SERVERS[:-1])
    yield f"\n**An older client on a new server ({newest_server})** cannot use:\n"
    yield from _grouped((f"client {client}", _missing(client, newest_server)) for client in CLIENTS[:-1])
    yield ""


def _missing(client: str, server: str) -> str:
    """The features of which every operation is refused, and the number of single operations besides."""
    whole, single = [], 0
    for feature in FEATURES:
        found = skew.of_feature(feature, _version(client), _version(server))
        refused = sum(each.verdict is Verdict.REFUSED for each in found)
        if refused and refused == len(found):
            whole.append(feature.name)
        elif not feature.uses:
            single += refused
    rest = f"{single} single operations of features that work otherwise (see below)" if single else ""
    return "; ".join(filter(None, (", ".join(whole), rest))) or "nothing: all that it can call works"


def _grouped(lines: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A line per text, with all that it is true of in front."""
    subjects: dict[str, list[str]] = {}
    for subject, text in lines:
        subjects.setdefault(text, []).append(subject)
    for text, found in subjects.items():
        kind = found[0].split()[0]
        yield f"* {kind} {', '.join(each.split()[1] for each in found)}: {text}."


def _matrix() -> Iterator[str]:
    yield "## Every client on every server\n"
    yield "How many of the operations that a client can call are native / translated / emulated / refused. Operations"
    yield "of which only some calls are translated or emulated count as native.\n"
    yield _table(
        ("client \\ server", *SERVERS),
        (
            (f"**{one}**", *(cell(skew.standings(_version(one), _version(other))) for other in SERVERS))
            for one in CLIENTS
        ),
    )
    yield OUTSIDE


def _features() -> Iterator[str]:
    yield "## Feature by feature\n"
    yield "A column per client; `-` means that this client does not know the feature. The worst that happens to a"
    yield "feature's operations is shown (with a `*`: to some calls only), and how many are refused.\n"
    for server in SERVERS:
        rows = []
        for feature in FEATURES:
            cells = [summary(skew.of_feature(feature, _version(client), _version(server))) for client in CLIENTS]
            if set(cells) != {"-"}:
                rows.append((feature.name, *cells))
        yield f"### Server {server}\n"
        yield _table(("feature", *(f"client {client}" for client in CLIENTS)), rows)


def _refusals() -> Iterator[str]:
    yield "## What is refused, and why\n"
    yield "To the newest client, which knows most. The text is what the client gets from the first server named.\n"
    client = _version(CLIENTS[-1])
    servers: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for server in SERVERS[:-1]:
        for each in skew.standings(client, _version(server)):
            if each.refusal:
                servers.setdefault(each.operation, []).append(server)
                texts.setdefault(each.operation, each.refusal)
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for operation, on in servers.items():
        groups.setdefault((FEATURE_OF[operation].name, tuple(on)), []).append(operation)
    order = [feature.name for feature in FEATURES]
    rows = (
        (feature, ", ".join(f"`{name}`" for name in names), ", ".join(on), texts[names[0]])
        for (feature, on), names in sorted(groups.items(), key=lambda each: order.index(each[0][0]))
    )
    yield _table(("feature", "operations", "refused by servers", "for example"), rows)


def _changes() -> Iterator[str]:
    yield "## Every change\n"
    yield "In the order in which a call meets them. A call may meet several.\n"
    for change in CHANGES:
        entry = changelog.entry(change)
        yield f"### `{change.name}`\n"
        yield f"{_plain(entry.headline)}\n"
        yield f"* {'Emulation' if change.emulates else 'Translation'} of {', '.join(f'`{n}`' for n in _names(change))}."
        yield f"* Servers: {_range(change.servers)}. Clients: {_range(change.clients)}."
        if change.when:
            yield f"* When {change.when}."
        yield f"* Why: {_plain(entry.why)}"
        yield f"* Lost: {_plain(entry.lost or change.lost or 'nothing.')}"
        yield ""


def _names(change: VersionChange) -> list[str]:
    return sorted(change.operations)


def _range(bounds: tuple[Version | None, Version | None]) -> str:
    first, last = bounds
    until = None if last is None else f"{last}".replace(".999", ".x", 1).replace(".999", "")
    if first is None:
        return "all" if until is None else f"up to {until}"
    return f"{first} and later" if until is None else f"{first} to {until}"


def _plain(text: str) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", text).replace("|", "\\|")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)]
    return "\n".join(lines) + "\n"


def _version(text: str) -> Version:
    return Version.parse(text)


if __name__ == "__main__":
    sys.stdout.write(markdown())
