"""``tightrope compat``: what works between a client and a server, worked out without asking anybody."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from proxy.cli.options import Output, OutputOption
from proxy.cli.output import print_json, say, table
from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.endpoints.features import FEATURES
from proxy.core.mlflow_version import Version
from proxy.core.versions import skew
from proxy.core.versions.skew import Standing, Verdict
from proxy.errors import RequestError

CLIENTS = ("1.20.2", "1.30.1", "2.3.2", "2.9.2", "2.14.3", "2.22.4", "3.1.4", "3.17.2")
SERVERS = ("1.20.2", "1.30.1", "2.0.1", "2.5.0", "2.9.2", "2.22.4", "3.3.2", "3.10.1", "3.17.2")
"""What is shown where nobody asks for a version: at least one release of every stretch in which something changed."""

LEGEND = "native / translated / emulated / refused, in operations that a client of that version can call"

_FROM_THE_WORST = (Verdict.EMULATED, Verdict.TRANSLATED, Verdict.NATIVE)

app = typer.Typer(add_completion=False)


@app.command()
def compat(
    client: Annotated[
        str | None, typer.Option("--client", metavar="VERSION", help="MLflow version of a client.")
    ] = None,
    server: Annotated[
        str | None, typer.Option("--server", metavar="VERSION", help="MLflow version of a server.")
    ] = None,
    operation: Annotated[
        str | None, typer.Option("--operation", metavar="NAME", help="One operation, such as CreateRun.")
    ] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """What works between clients and servers: native, translated, emulated or refused, and what is lost."""
    clients, servers = _versions("--client", client, CLIENTS), _versions("--server", server, SERVERS)
    if operation is not None and operation not in CATALOGUE:
        raise RequestError(f"MLflow has no operation {operation!r}", hint=_suggest(operation))
    if output is Output.JSON:
        print_json(as_json(clients, servers, operation))
    elif operation is not None:
        _show_operation(clients, servers, operation)
    elif len(clients) == len(servers) == 1:
        _show_pair(clients[0], servers[0])
    elif len(clients) == 1 or len(servers) == 1:
        _show_features(clients, servers)
    else:
        table(
            f"clients by servers ({LEGEND})",
            ("client", *(f"server {each}" for each in servers)),
            ((one, *(cell(skew.standings(one, other)) for other in servers)) for one in clients),
        )


def as_json(clients: Sequence[Version], servers: Sequence[Version], operation: str | None) -> dict[str, Any]:
    """The table as JSON: one entry per pair, with counts by verdict and the operations."""
    pairs = []
    for one in clients:
        for other in servers:
            found = _of_pair(one, other, operation)
            pairs.append(
                {
                    "client": str(one),
                    "server": str(other),
                    "counts": {verdict.value: count for verdict, count in skew.counts(found).items()},
                    "operations": [each.to_json() for each in found],
                }
            )
    return {"pairs": pairs}


def cell(found: Sequence[Standing]) -> str:
    """Counts by verdict in a few characters; ``-`` for none at all."""
    return " / ".join(str(count) for count in skew.counts(found).values()) if found else "-"


def summary(found: Sequence[Standing]) -> str:
    """One feature in a few words: ``native``, ``translated*``, ``emulated, 2 of 9 refused``, ``-`` if there is none.

    The furthest from native that can happen; a star where that is so for some calls only.
    """
    if not found:
        return "-"
    works = [each for each in found if each.verdict is not Verdict.REFUSED]
    if not works:
        return "refused"
    worst = next(verdict for verdict in _FROM_THE_WORST if any(each.verdict is verdict for each in works))
    only_some = worst is not Verdict.NATIVE and all(each.conditional for each in works if each.verdict is worst)
    refused = len(found) - len(works)
    return f"{worst.value}{'*' if only_some else ''}{f', {refused} of {len(found)} refused' if refused else ''}"


def _show_pair(one: Version, other: Version) -> None:
    found = skew.standings(one, other)
    table(
        f"client {one}, server {other} ({cell(found)} {LEGEND})",
        ("feature", "operation", "verdict", "by", "lost"),
        (
            (each.feature, each.operation, skew.words(each), _changes(each), "; ".join(each.lost) or "-")
            for each in found
        ),
    )


def _show_features(clients: Sequence[Version], servers: Sequence[Version]) -> None:
    pairs = [(one, other) for one in clients for other in servers]
    one_client = len(clients) == 1
    rows = []
    for feature in FEATURES:
        cells = [summary(skew.of_feature(feature, *pair)) for pair in pairs]
        if any(each != "-" for each in cells):
            rows.append((feature.name, *cells))
    heads = [f"server {other}" if one_client else f"client {one}" for one, other in pairs]
    table(f"client {clients[0]}" if one_client else f"server {servers[0]}", ("feature", *heads), rows)
    say("* some calls only. Give both --client and --server for the operations, the changes and what is lost.")


def _show_operation(clients: Sequence[Version], servers: Sequence[Version], name: str) -> None:
    rows = [
        (one, other, skew.words(each), _changes(each), "; ".join(each.lost) or "-")
        for one in clients
        for other in servers
        for each in _of_pair(one, other, name)
    ]
    table(name, ("client", "server", "verdict", "by", "lost"), rows)
    if not rows:
        say(f"No client library of these versions calls {name}.")


def _of_pair(one: Version, other: Version, name: str | None) -> tuple[Standing, ...]:
    return tuple(each for each in skew.standings(one, other) if name is None or each.operation == name)


def _changes(found: Standing) -> str:
    return ", ".join(part.change for part in found.parts) or "-"


def _versions(option: str, given: str | None, default: Sequence[str]) -> tuple[Version, ...]:
    texts = default if given is None else (given,)
    try:
        return tuple(map(Version.parse, texts))
    except ValueError as exc:
        raise RequestError(f"{option}: {exc}", hint="Versions look like 2.22.4.") from exc


def _suggest(name: str) -> str:
    close = difflib.get_close_matches(name, CATALOGUE, 3, 0.5)
    return f"Did you mean {', '.join(close)}?" if close else "docs/compat.md lists what there is."
